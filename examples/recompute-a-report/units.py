"""Units: how many base units (g, m, s, mK, piece, 1) each is. Substance and basis in brackets do not change the number."""

import re
from fractions import Fraction

from blocks import require

G, KG, T = Fraction(1), Fraction(1000), Fraction(10**6)
JOULE = Fraction(1000)  # kg m2/s2 in g m2/s2
LITRE = Fraction(1, 1000)
SCALES = {
    "1": Fraction(1), "piece": Fraction(1), "%": Fraction(1, 100), "‰": Fraction(1, 1000),
    "ppm": Fraction(1, 10**6), "ppb": Fraction(1, 10**9),
    "mg": G / 1000, "g": G, "kg": KG, "t": T, "kt": 1000 * T, "万t": 10**4 * T, "Mt": 10**6 * T,
    "J": JOULE, "kJ": 10**3 * JOULE, "MJ": 10**6 * JOULE, "GJ": 10**9 * JOULE, "TJ": 10**12 * JOULE,
    "Wh": 3600 * JOULE, "kWh": 3600 * 10**3 * JOULE, "MWh": 3600 * 10**6 * JOULE, "GWh": 3600 * 10**9 * JOULE,
    "万kWh": 3600 * 10**7 * JOULE, "kcal": Fraction(41868, 10) * JOULE, "kgce": 29307600 * JOULE,
    "tce": 29307600 * 1000 * JOULE,
    "mL": LITRE / 1000, "L": LITRE, "m³": Fraction(1), "万m³": Fraction(10**4),
    "mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000),
    "m²": Fraction(1), "ha": Fraction(10**4), "亩": Fraction(2000, 3), "km²": Fraction(10**6),
    "s": Fraction(1), "min": Fraction(60), "h": Fraction(3600), "d": Fraction(86400),
    "mK": Fraction(1), "K": Fraction(1000), "°C": Fraction(1000),
    "Pa": Fraction(1000), "hPa": Fraction(10**5), "mbar": Fraction(10**5), "kPa": Fraction(10**6),
    "bar": Fraction(10**8), "MPa": Fraction(10**9),
}  # fmt: skip
SUBSTANCE = re.compile(r"^(mg|g|kg|t|kt|Mt|万t)(CO2e|CO2|CH4|N2O|C)$")


class Unit:
    """value in base units = value * scale + zero"""

    def __init__(self, text):
        self.text = text
        self.scale = Fraction(1)
        self.zero = Fraction(273150) if text.strip() == "°C" else Fraction(0)
        pieces = re.split(r"([·/])(?![^\[]*\])", text.strip())
        for at in range(0, len(pieces), 2):
            match = re.match(r"^([^\[\]^]+)(?:\[[^\[\]]*\])?(?:\^(-?\d))?$", pieces[at].strip())
            require(match is not None, f"the unit {text} does not read")
            symbol = match.group(1).strip()
            substance = SUBSTANCE.match(symbol)
            symbol = substance.group(1) if substance else symbol
            require(symbol in SCALES, f"there is no unit {symbol}")
            scale = SCALES[symbol] ** int(match.group(2) or 1)
            self.scale = self.scale / scale if at > 0 and pieces[at - 1] == "/" else self.scale * scale

    def to_base(self, value):
        return value * self.scale + self.zero

    def from_base(self, value):
        return (value - self.zero) / self.scale


# Base units of groups (evidence.md, section 1); class 0B but 0B06 are gauges.
BASE_UNITS = {
    "0101": "g", "0102": "g", "0103": "L", "02": "Wh", "03": "kJ", "04": "g", "05": "g", "0601": "g", "0602": "piece",
    "0603": "Wh", "0701": "m", "0702": "m", "0703": "kg·m", "0801": "g", "0802": "L", "0803": "g", "0804": "g", "09": "g",
    "0a01": "m", "0a02": "m", "0a03": "m", "0a04": "Wh", "0b01": "mK", "0b02": "ppm", "0b03": "ppm", "0b04": "ppb",
    "0b06": "L", "0b07": "ppm", "0b08": "Pa", "0c01": "1",
}  # fmt: skip


def base_unit(prefix):
    text = prefix.hex()
    found = BASE_UNITS.get(text[:4]) or BASE_UNITS.get(text[:2])
    require(found is not None, f"type {text} has no unit that is known here")
    return Unit(found)


def is_gauge(prefix):
    return prefix[0] == 0x0B and prefix[1] != 6


def exact_text(value):
    """The decimal, or where its digits never end the fraction in lowest terms."""
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        digits = max(digits, power)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    whole = abs(value.numerator) * 10**digits // value.denominator
    text = str(whole).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (text if digits == 0 else f"{text[:-digits]}.{text[-digits:]}")
