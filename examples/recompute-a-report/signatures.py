"""Signatures: entries (EIP-712 over secp256k1, evidence.md section 6) and checkpoints (C2SP signed-note, Ed25519)."""

import base64
import hashlib

from blocks import require

# --- Keccak-256, as Ethereum has it ---

MASK = (1 << 64) - 1
TURNS = [[0, 36, 3, 41, 18], [1, 44, 10, 45, 2], [62, 6, 43, 15, 61], [28, 55, 25, 21, 56], [27, 20, 39, 8, 14]]


def round_constants():
    """Each bit from a shift register of eight bits (FIPS 202, 3.2.5)."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if register & 1:
                constant |= 1 << ((1 << bit) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


CONSTANTS = round_constants()


def turn(lane, by):
    return ((lane << by) | (lane >> (64 - by))) & MASK if by else lane


def permute(lanes):
    for constant in CONSTANTS:
        columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        mixed = [columns[x - 1] ^ turn(columns[(x + 1) % 5], 1) for x in range(5)]
        moved = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                moved[y][(2 * x + 3 * y) % 5] = turn(lanes[x][y] ^ mixed[x], TURNS[x][y])
        lanes = [[moved[x][y] ^ (~moved[(x + 1) % 5][y] & moved[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        lanes[0][0] ^= constant
    return lanes


def keccak256(data):
    rate = 136
    padded = bytearray(data + b"\1")
    padded += bytes(-len(padded) % rate)
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), rate):
        for at in range(rate // 8):
            lanes[at % 5][at // 5] ^= int.from_bytes(padded[start + 8 * at : start + 8 * at + 8], "little")
        lanes = permute(lanes)
    return b"".join(lanes[at][0].to_bytes(8, "little") for at in range(4))


# --- secp256k1: whose key signed ---

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BASE = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    1,
)


def double(point):
    x, y, z = point
    if z == 0:
        return point
    square = y * y % P
    s, m = 4 * x * square % P, 3 * x * x % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * square * square) % P, 2 * y * z % P


def add(one, other):
    if one[2] == 0:
        return other
    if other[2] == 0:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, other
    w1, w2 = z1 * z1 % P, z2 * z2 % P
    u1, u2, s1, s2 = x1 * w2 % P, x2 * w1 % P, y1 * w2 * z2 % P, y2 * w1 * z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return double(one) if r == 0 else (0, 1, 0)
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h3) % P, h * z1 * z2 % P


def sum_of(a, one, b, other):
    """a·one + b·other, bit by bit together."""
    both, total = add(one, other), (0, 1, 0)
    for bit in range(255, -1, -1):
        total = double(total)
        chosen = (a >> bit & 1) + 2 * (b >> bit & 1)
        if chosen:
            total = add(total, (None, one, other, both)[chosen])
    return total


def recover(digest, signature):
    """The account of 20 bytes whose key made the 65 bytes over a digest."""
    require(len(signature) == 65, "a signature is not 65 bytes")
    r, s, v = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"), signature[64]
    require(0 < r < N and 0 < s <= N // 2 and v in (27, 28), "a signature is of another form")
    y = pow(r**3 + 7, (P + 1) // 4, P)
    require(y * y % P == (r**3 + 7) % P, "a signature is of no key")
    point = (r, y if y % 2 == v - 27 else P - y, 1)
    inverse = pow(r, -1, N)
    x, y, z = sum_of(s * inverse % N, point, -int.from_bytes(digest, "big") * inverse % N, BASE)
    require(z != 0, "a signature is of no key")
    w = pow(z, -1, P)
    return keccak256((x * w * w % P).to_bytes(32, "big") + (y * w**3 % P).to_bytes(32, "big"))[12:]


def word(number):
    return number.to_bytes(32, "big")


def entry_digest(entry, chain, contract):
    """What an entry's signature is over: EIP-712, domain and fields as evidence.md section 6 has them."""
    domain = keccak256(
        keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        + keccak256(b"Tanlian Evidence Log") + keccak256(b"1") + word(chain) + bytes(12) + contract
    )  # fmt: skip
    numbers = [int.from_bytes(entry[low:high], "big") for low, high in ((0, 4), (4, 12), (12, 20))]
    fields = b"".join(word(number) for number in numbers) + entry[20:52]
    struct = keccak256(keccak256(b"Entry(uint32 kind,uint64 organization,uint64 sequence,bytes32 digest)") + fields)
    return keccak256(b"\x19\x01" + domain + struct)


def check_entry(entry, signature, package):
    """The entry is signed by a key that the package names for its organization, kind and sequence."""
    kind, organization, sequence = (int.from_bytes(entry[low:high], "big") for low, high in ((0, 4), (4, 12), (12, 20)))
    account = recover(entry_digest(entry, package["log"]["chain"], package["contracts"]["log"]), signature)
    valid = any(
        key[:3] == [organization, account, kind] and key[3] <= sequence <= key[4] for key in package["keys"]
    )
    require(valid, f"entry {sequence} of organization {organization} is not signed by a key of it")


# --- Ed25519 (RFC 8032) and checkpoints ---

Q = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
ROOT = pow(2, (Q - 1) // 4, Q)


def open_point(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    require(y < Q, "a key is of another form")
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if x * x % Q != square:
        x = x * ROOT % Q
    require(x * x % Q == square and (x or not sign), "a key is of another form")
    x = x if x & 1 == sign else Q - x
    return x, y, 1, x * y % Q


def join(one, other):
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % Q, (one[1] + one[0]) * (other[1] + other[0]) % Q
    c, d = 2 * one[3] * other[3] * D % Q, 2 * one[2] * other[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = join(total, point)
        point, number = join(point, point), number >> 1
    return total


ED_BASE = open_point((4 * pow(5, -1, Q) % Q).to_bytes(32, "little"))


def is_signed(message, signature, key):
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    one, other = times(s, ED_BASE), join(open_point(signature[:32]), times(k, open_point(key)))
    return (one[0] * other[2] - other[0] * one[2]) % Q == 0 and (one[1] * other[2] - other[1] * one[2]) % Q == 0


def check_checkpoint(note, vkey, log):
    """The log's key signed this size and root; the key is one that the reader trusts, as name+id+base64."""
    name, key_id, encoded = vkey.split("+", 2)
    kind_and_key = base64.b64decode(encoded, validate=True)
    require(kind_and_key[0] == 1 and len(kind_and_key) == 33, "the key is not a log's")
    own_id = hashlib.sha256(name.encode() + b"\n" + kind_and_key).digest()[:4]
    require(own_id.hex() == key_id, "the key is not a log's")
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = (text + "\n").split("\n")[:3]
    require(origin == name, "the checkpoint is of another log")
    found = [line.split(" ") for line in lines.splitlines()]
    signatures = [base64.b64decode(one[2], validate=True) for one in found if one[:2] == ["—", name]]
    own = [one[4:] for one in signatures if one[:4] == own_id]
    require(any(is_signed((text + "\n").encode(), one, kind_and_key[1:]) for one in own), "the log's key did not sign the checkpoint")
    same = (int(size), base64.b64decode(root, validate=True)) == (log["size"], log["root"])
    require(same, "the signed checkpoint is of another size or root than the package")
