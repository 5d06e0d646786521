"""Equations: the expression language of methodologies, parsed and run with exact fractions."""

import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from blocks import require
from units import Unit

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|'([^']*)'|(<=|>=|!=|[-+*/()<>=,×÷·−≤≥≠]))")
SAME = {"*": "×", "·": "×", "/": "÷", "−": "-", "<=": "≤", ">=": "≥", "!=": "≠"}
STRENGTH = {"or": 1, "and": 2, "<": 3, "≤": 3, ">": 3, "≥": 3, "=": 3, "≠": 3, "+": 4, "-": 4, "×": 5, "÷": 5}


def parse(text):
    tokens, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        require(match is not None, f"an equation does not read: {text}")
        number, word, quoted, sign = match.groups()
        at = match.end()
        if number is not None:
            tokens.append(("number", Fraction(number)))
        elif quoted is not None:
            tokens.append(("text", quoted))
        else:
            tokens.append(("sign", SAME.get(sign, sign)) if sign else ("sign" if word in STRENGTH or word == "not" else "name", word))
    tokens.append(("end", None))
    tokens.reverse()

    def climb(least):
        left = prefixed()
        while tokens[-1][0] == "sign" and STRENGTH.get(tokens[-1][1], 0) >= least:
            sign = tokens.pop()[1]
            left = (sign, left, climb(STRENGTH[sign] + 1))
        return left

    def prefixed():
        if tokens[-1] == ("sign", "not"):
            tokens.pop()
            return ("not", climb(3))
        if tokens[-1] == ("sign", "-"):
            tokens.pop()
            return ("minus", climb(6))
        sort, value = tokens.pop()
        if sort in ("number", "text"):
            return (sort, value)
        if sort == "sign" and value == "(":
            inner = climb(1)
            require(tokens.pop() == ("sign", ")"), f"a bracket is open: {text}")
            return inner
        require(sort == "name", f"an equation does not read: {text}")
        if tokens[-1] != ("sign", "("):
            return ("name", value)
        tokens.pop()
        args = [climb(1)]
        while tokens[-1] == ("sign", ","):
            tokens.pop()
            args.append(climb(1))
        require(tokens.pop() == ("sign", ")"), f"a bracket is open: {text}")
        return ("call", value, args)

    tree = climb(1)
    require(tokens[-1][0] == "end", f"an equation does not read: {text}")
    return tree


class Values:
    """Values by name: one, or a list with one for each row of a group; None where nothing was given."""

    def __init__(self, rows):
        self.rows, self.known, self.groups = rows, {}, {}

    def put(self, name, group, values):
        self.known[name], self.groups[name] = values, group

    def get(self, name, row):
        require(name in self.known, f"there is no {name}")
        values = self.known[name]
        return values[0] if self.groups[name] is None else values[row]

    def group_of(self, tree):
        """The group whose rows an expression has a value for each of."""
        if tree[0] == "name":
            return self.groups[tree[1]]
        if tree[0] == "call":
            parts = [] if tree[1] in ("sum", "count", "average") else tree[2]
        else:
            parts = [part for part in tree[1:] if isinstance(part, tuple)]
        return next((group for group in map(self.group_of, parts) if group is not None), None)

    def run(self, tree, row):
        sort = tree[0]
        if sort in ("number", "text"):
            return tree[1]
        if sort == "name":
            value = self.get(tree[1], row)
            require(value is not None, f"{tree[1]} is needed and was not given")
            return value
        if sort == "call":
            return self.call(tree[1], tree[2], row)
        if sort == "not":
            return not self.run(tree[1], row)
        if sort == "minus":
            return -self.run(tree[1], row)
        left = self.run(tree[1], row)
        if sort == "and" or sort == "or":
            return left if left == (sort == "or") else self.run(tree[2], row)
        right = self.run(tree[2], row)
        return {
            "+": lambda: left + right, "-": lambda: left - right, "×": lambda: left * right, "÷": lambda: left / right,
            "<": lambda: left < right, "≤": lambda: left <= right, ">": lambda: left > right, "≥": lambda: left >= right,
            "=": lambda: left == right, "≠": lambda: left != right,
        }[sort]()  # fmt: skip

    def call(self, name, args, row):
        run = lambda place: self.run(args[place], row)  # noqa: E731
        if name in ("sum", "count", "average"):
            rows = range(self.rows[self.group_of(args[0])])
            if name == "count":
                conditions = [self.run(args[0], one) for one in rows]
                return Fraction(sum(1 for one in conditions if one is not False))
            if name == "sum":
                return sum((self.run(args[0], one) for one in rows), Fraction(0))
            weights = [self.run(args[1], one) for one in rows]
            return sum((self.run(args[0], one) * weights[one] for one in rows), Fraction(0)) / sum(weights)
        if name == "given":
            return self.get(args[0][1], row) is not None
        if name == "if":
            return run(1) if run(0) else run(2)
        if name in ("min", "max"):
            return (min if name == "min" else max)(run(place) for place in range(len(args)))
        if name == "piecewise":
            for place in range(1, len(args) - 1, 2):
                if run(0) < run(place):
                    return run(place + 1)
            return run(len(args) - 1)
        if name == "table":
            asked = run(0)
            for place in range(1, len(args), 2):
                if args[place][1] == asked:
                    return run(place + 1)
        if name == "interpolate":
            x = run(0)
            for place in range(3, len(args), 2):
                left, right = run(place - 2), run(place)
                if left <= x <= right:
                    return run(place - 1) + (x - left) / (right - left) * (run(place + 1) - run(place - 1))
        if name == "power":
            return run(0) ** int(run(1))
        require(name in ("root", "ln", "exp"), f"{name} is not defined for this value")
        return approximate(name, run(0), int(run(1)))


def approximate(name, value, places):
    """Rounded once, half to even, at the declared decimal place."""
    with localcontext() as context:
        context.prec = 240
        number = Decimal(value.numerator) / Decimal(value.denominator)
        made = {"root": number.sqrt, "ln": number.ln, "exp": number.exp}[name]()
        return Fraction(made.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN))


def shown(value, places, rounding):
    """Decimal text, rounded as the methodology says."""
    scaled = value * 10**places
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    half = Fraction(1, 2)
    if rounding == "half-even":
        up = rest > half or (rest == half and below % 2 == 1)
    elif rounding == "half-up":
        up = rest > half or (rest == half and scaled > 0)
    else:
        require(rounding == "floor" or rest == 0, f"a value is not exact: {value}")
        up = False
    whole = below + up
    digits = str(abs(whole)).rjust(places + 1, "0")
    text = digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
    return "-" + text if whole < 0 else text


def calculate(methodology, sets, given, groups, carried=()):
    """Runs a methodology; equations named in `carried` go on rounded. Returns {equation: [values in its unit]}."""
    names = [group["name"] for group in methodology.get("groups", [])]
    rows = {name: len(groups.get(name, [])) for name in names}
    values = Values(rows)
    for item in methodology["inputs"]:
        name, group = item["name"], item.get("group")
        texts = [one.get(name) for one in (groups.get(group, []) if group else [given])]
        require(item.get("optional") == "true" or None not in texts, f"{name} is needed and was not given")
        unit = Unit(item["unit"]) if "unit" in item else None
        values.put(name, group, [text if text is None or unit is None else unit.to_base(amount(text)) for text in texts])
    for item in methodology.get("parameters", []):
        put_parameter(values, sets, item)
    outcome = {}
    for item in methodology["equations"]:
        name, unit = item["name"], Unit(item["unit"])
        tree = parse(item["is"])
        group = values.group_of(tree)
        places, rounding = int(item["places"]), item.get("rounding", methodology["rounding"])
        made = [unit.from_base(values.run(tree, row)) for row in range(rows[group] if group else 1)]
        if item.get("carry") == "true" or name in carried:
            made = [Fraction(shown(value, places, rounding)) for value in made]
        values.put(name, group, [unit.to_base(value) for value in made])
        outcome[name] = made
    return outcome


def amount(text):
    """A decimal, or a fraction of two."""
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)


def put_parameter(values, sets, item):
    """Measured, else constant, else factor, else fallback; missing matters only where an equation reads it."""
    unit, keys = Unit(item["unit"]), None
    set_id, fixed = (item["factor"].rstrip("]").split("[") + [None])[:2] if "factor" in item else (None, None)
    by = item.get("by", [])
    groups = [values.groups[name] for name in [item.get("measured"), *by] if name is not None]
    group = next((one for one in groups if one is not None), None)
    found = []
    for row in range(values.rows[group] if group else 1):
        value = values.get(item["measured"], row) if "measured" in item else None
        if value is None and "value" in item:
            value = unit.to_base(Fraction(item["value"]))
        if value is None and set_id is not None:
            keys = [one.strip() for one in fixed.split(",")] if fixed is not None else [values.get(name, row) for name in by]
            text = next((one["value"] for one in sets[set_id]["rows"] if one.get("keys", []) == keys), None)
            value = None if text is None else Unit(sets[set_id]["unit"]).to_base(Fraction(text))
        if value is None and "fallback" in item:
            value = unit.to_base(Fraction(item["fallback"]["value"]))
        found.append(value)
    values.put(item["name"], group, found)
