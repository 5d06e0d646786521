"""Blocks: CAR v1 and DAG-CBOR, as docs/spec/report-package.md and evidence.md have them."""

import hashlib


class Refused(Exception):
    """The package does not hold; the message names the first thing that does not."""


class Cid(bytes):
    """36 bytes: version 1, dag-cbor, sha2-256, digest."""

    @property
    def digest(self):
        return bytes(self[4:])


CID_START = bytes([1, 0x71, 0x12, 0x20])


def require(holds, why):
    if not holds:
        raise Refused(why)


def read_cid(data):
    require(len(data) == 36 and data[:4] == CID_START, "a CID is of another form")
    return Cid(data)


def decode(data):
    """Decodes one DAG-CBOR value that fills the bytes."""
    value, end = decode_at(data, 0, 0)
    require(end == len(data), "a block has bytes left over")
    return value


def decode_at(data, at, depth):
    require(depth < 80 and at < len(data), "a block ends too early or is nested too deep")
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        require(low in (20, 21, 22), "a block holds something else than true, false and null")
        return {20: False, 21: True, 22: None}[low], at
    if low < 24:
        number = low
    else:
        require(low <= 27, "a length is not definite")
        size = 1 << (low - 24)
        number = int.from_bytes(data[at : at + size], "big")
        at += size
        require(number >= (24 if size == 1 else 1 << (4 * size)), "a number is not in its shortest form")
    if major == 0:
        require(number < 1 << 53, "a number is beyond 2^53 - 1")
        return number, at
    if major in (2, 3):
        require(at + number <= len(data), "a block ends too early")
        raw = bytes(data[at : at + number])
        return (raw if major == 2 else raw.decode("utf-8")), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = decode_at(data, at, depth + 1)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        last = None
        for _ in range(number):
            key, at = decode_at(data, at, depth + 1)
            order = (len(key.encode("utf-8")), key.encode("utf-8"))
            require(last is None or last < order, "keys of a map are out of order")
            last = order
            pairs[key], at = decode_at(data, at, depth + 1)
        return pairs, at
    require(major == 6 and number == 42, "a block holds a tag that is no CID")
    link, at = decode_at(data, at, depth + 1)
    require(isinstance(link, bytes) and link[:1] == b"\0", "a CID is of another form")
    return read_cid(link[1:]), at


def read_varint(data, at):
    value = shift = 0
    while True:
        require(at < len(data) and shift < 63, "the CAR ends too early")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def open_car(data):
    """The root's CID and all blocks by CID, each held to its CID."""
    length, at = read_varint(data, 0)
    header = decode(data[at : at + length])
    at += length
    require(header.get("version") == 1 and len(header["roots"]) == 1, "the file is no CAR v1 of one root")
    blocks = {}
    while at < len(data):
        length, at = read_varint(data, at)
        require(length >= 36 and at + length <= len(data), "the CAR ends too early")
        cid = read_cid(bytes(data[at : at + 36]))
        block = bytes(data[at + 36 : at + length])
        require(hashlib.sha256(block).digest() == cid.digest, "a block does not match its CID")
        require(cid not in blocks, "a block is in the file twice")
        blocks[cid] = block
        at += length
    return header["roots"][0], blocks
