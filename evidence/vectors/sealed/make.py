# Makes sealed.json: sealed blocks (docs/spec/evidence.md, section 5) by another implementation than ours. X25519 and AES-GCM are those of
# Python's `cryptography`; HPKE and DAG-CBOR are written out from RFC 9180 and the specification.
# Run: python3 evidence/vectors/sealed/make.py evidence/vectors/sealed/sealed.json
import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"tanlian/sealed/1"
KEM = b"KEM" + struct.pack(">H", 0x0020)  # DHKEM(X25519, HKDF-SHA256)
HPKE = b"HPKE" + struct.pack(">HHH", 0x0020, 0x0001, 0x0002)  # with HKDF-SHA256 and AES-256-GCM


def digest(data):
    return hashlib.sha256(data).digest()


def fixed(name, length=32):
    """Bytes that look random and are the same in every run."""
    return hashlib.shake_256(name.encode()).digest(length)


def public(secret):
    key = X25519PrivateKey.from_private_bytes(secret).public_key()
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


# RFC 5869 and RFC 9180 section 4


def expand(prk, info, length):
    out = block = b""
    for count in range(1, length // 32 + 2):
        block = hmac.new(prk, block + info + bytes([count]), hashlib.sha256).digest()
        out += block
    return out[:length]


def labeled_extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, struct.pack(">H", length) + b"HPKE-v1" + suite + label + info, length)


# RFC 9180 sections 4.1, 5.1, 5.2: base mode, one message


def seal_base(reader, ephemeral, aad, plain):
    private = labeled_expand(KEM, labeled_extract(KEM, b"", b"dkp_prk", ephemeral), b"sk", b"", 32)
    encapsulation = public(private)
    shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(reader))
    prk = labeled_extract(KEM, b"", b"eae_prk", shared)
    secret = labeled_expand(KEM, prk, b"shared_secret", encapsulation + reader, 32)
    context = b"\0" + labeled_extract(HPKE, b"", b"psk_id_hash", b"") + labeled_extract(HPKE, b"", b"info_hash", FORMAT)
    prk = labeled_extract(HPKE, secret, b"secret", b"")
    key = labeled_expand(HPKE, prk, b"key", context, 32)
    nonce = labeled_expand(HPKE, prk, b"base_nonce", context, 12)
    return encapsulation, AESGCM(key).encrypt(nonce, plain, aad)


# DAG-CBOR, as far as it is needed


class Link:
    def __init__(self, block):
        self.cid = bytes([1, 0x71, 0x12, 0x20]) + digest(block)


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for info, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if value < 1 << 8 * struct.calcsize(form):
            return bytes([major << 5 | info]) + struct.pack(form, value)
    raise ValueError(value)


def encode(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, Link):
        return b"\xd8\x2a" + encode(b"\0" + value.cid)
    names = sorted(value, key=lambda name: (len(name), name))
    return head(5, len(value)) + b"".join(encode(name) + encode(value[name]) for name in names)


def sealed(plain, least, greatest, count, organization, readers, key, nonce, ephemerals):
    aad = least + greatest + struct.pack(">QQ", count, organization)
    keys = []
    for reader, ephemeral in zip(readers, ephemerals):
        keys.append([digest(reader), *seal_base(reader, ephemeral, aad, key)])
    return encode(
        {
            "format": FORMAT.decode(),
            "nonce": nonce,
            "bytes": AESGCM(key).encrypt(nonce, plain, aad),
            "plain": digest(plain),
            "keys": sorted(keys),
        }
    )


ORGANIZATION = 7
TYPE, STREAM, START, HOUR = 0x02010100, 7, 1767225600, 3600
secrets = [fixed("reader 1"), fixed("reader 2")]
frame = encode(
    {
        "bytes": b"##0101QN=20260101000000",
        "device": "CEMS-1",
        "protocol": "hj212",
        "received": START,
        "salt": fixed("salt", 16),
    }
)
chunk = encode(
    {
        "type": TYPE,
        "stream": STREAM,
        "seed": fixed("seed"),
        "sources": [Link(frame)],
        "rows": [[START, HOUR, 1234567, "N", 0], [START + HOUR, HOUR, 7654321, "N", 0]],
    }
)
least = struct.pack(">IIQ", TYPE, STREAM, START)
greatest = struct.pack(">IIQ", TYPE, STREAM, START + HOUR)
blocks = []
for name, plain, *place in (("chunk", chunk, least, greatest, 2), ("frame", frame, bytes(16), bytes(16), 0)):
    key, nonce = fixed(f"{name} key"), fixed(f"{name} nonce", 12)
    ephemerals = [fixed(f"{name} ephemeral {number}") for number in (1, 2)]
    block = sealed(plain, *place, ORGANIZATION, [public(secret) for secret in secrets], key, nonce, ephemerals)
    blocks.append(
        {
            "name": name,
            "organization": ORGANIZATION,
            "min": place[0].hex(),
            "max": place[1].hex(),
            "count": place[2],
            "random": [key.hex(), nonce.hex(), *(one.hex() for one in ephemerals)],
            "plain": plain.hex(),
            "sealed": block.hex(),
        }
    )
readers = [
    {"secret": secret.hex(), "public": public(secret).hex(), "id": digest(public(secret)).hex()} for secret in secrets
]
with open(sys.argv[1], "w") as file:
    json.dump({"by": "make.py beside this file", "readers": readers, "blocks": blocks}, file, indent=2)
    file.write("\n")
