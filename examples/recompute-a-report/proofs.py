"""Proofs: the tree of a batch (evidence.md sections 3 and 4), the log, and which questions a report asks (report-package.md)."""

import hashlib

from blocks import decode, require

GREATEST = (1 << 53) - 1
LAST_KEY = (1 << 128) - 1


def sha256(data):
    return hashlib.sha256(data).digest()


def power_below(count):
    """The largest power of two below count."""
    return 1 << ((count - 1).bit_length() - 1)


# --- the tree of a batch ---


class Node:
    def __init__(self, low, high, count, quantity, seconds, digest):
        self.low, self.high = low, high
        self.count, self.quantity, self.seconds, self.digest = count, quantity, seconds, digest
        require(max(count, quantity, seconds) <= GREATEST, "a sum of a tree is beyond 2^53 - 1")

    def encoded(self):
        numbers = b"".join(number.to_bytes(8, "big") for number in (self.count, self.quantity, self.seconds))
        return self.low.to_bytes(16, "big") + self.high.to_bytes(16, "big") + numbers + self.digest


def place_of(node, intervals):
    """The interval that holds a node's range, -1 where all are outside of it, -2 where one cuts it."""
    for place, (low, high) in enumerate(intervals):
        if high < node.low or low > node.high:
            continue
        return place if low <= node.low and node.high <= high else -2
    return -1


def check_proof(root, intervals, proof):
    """Totals (count, quantity, seconds) of each interval, from a proof that leads to the 88 bytes of a root."""
    totals = [[0, 0, 0] for _ in intervals]

    def rebuild(part):
        if isinstance(part, bytes):
            require(len(part) == 88, "a pruned node is not 88 bytes")
            numbers = [int.from_bytes(part[at : at + 8], "big") for at in (32, 40, 48)]
            node = Node(int.from_bytes(part[:16], "big"), int.from_bytes(part[16:32], "big"), *numbers, part[56:])
            require(node.low < node.high and node.count >= 2 and node.seconds >= node.count, "a pruned node cannot be")
            place = place_of(node, intervals)
            require(place != -2, "a pruned node straddles an interval")
        elif len(part) == 4:
            key, quantity, seconds, body = part
            require(len(key) == 16 and len(body) == 32 and seconds >= 1, "a leaf cannot be")
            number = int.from_bytes(key, "big")
            digest = sha256(b"\0" + key + quantity.to_bytes(8, "big") + seconds.to_bytes(8, "big") + body)
            node = Node(number, number, 1, quantity, seconds, digest)
            place = place_of(node, intervals)
        else:
            require(len(part) == 2, "a proof is of another form")
            left, right = rebuild(part[0]), rebuild(part[1])
            require(left.high < right.low, "two parts of a tree are out of order")
            count = left.count + right.count
            require(left.count == power_below(count), "a tree is of another shape")
            sums = [left.quantity + right.quantity, left.seconds + right.seconds]
            node = Node(left.low, right.high, count, *sums, sha256(b"\1" + left.encoded() + right.encoded()))
            require(place_of(node, intervals) == -2, "a part is open that should be pruned")
            return node
        if place >= 0:
            for at, number in enumerate((node.count, node.quantity, node.seconds)):
                totals[place][at] += number
        return node

    require(rebuild(decode(proof)).encoded() == root, "a proof leads to another root than its header's")
    return totals


# --- the log ---


def check_inclusion(size, root, leaves, path):
    """leaves: {index: entry bytes}. The multiproof of package.md, used up exactly."""
    hashes = {index: sha256(b"\0" + entry) for index, entry in leaves.items()}
    indexes = sorted(hashes)
    require(indexes and indexes[0] >= 0 and indexes[-1] < size, "an entry stands outside of the log")
    rest = iter(path)

    def walk(low, high, inside):
        if not inside:
            digest = next(rest, None)
            require(digest is not None, "the log's proof has a hash too few")
            return digest
        if high - low == 1:
            return hashes[inside[0]]
        middle = low + power_below(high - low)
        left = walk(low, middle, [one for one in inside if one < middle])
        return sha256(b"\1" + left + walk(middle, high, [one for one in inside if one >= middle]))

    require(walk(0, size, indexes) == root and next(rest, None) is None, "the entries are not in the log of this root")


# --- which questions a report asks ---


def key_of(kind, validity, stream, start):
    return kind << 104 | validity << 96 | stream << 64 | start


def below(prefix):
    """All keys that begin with these bytes."""
    bits = 128 - 8 * len(prefix)
    low = int.from_bytes(prefix, "big") << bits
    return low, low | (1 << bits) - 1


def add_gap(stretches, low, high):
    if low <= high:
        stretches.append((low, high, True))


def whole_kinds(prefix, streams):
    first, last = below(prefix)
    stretches, after = [], first
    for kind in sorted({kind for _, kind in streams}):
        low, high = max(first, kind << 104), min(last, (kind + 1 << 104) - 1)
        valid = min(high, (kind << 8 | 2) << 96) if high < (kind << 8 | 2) << 96 else ((kind << 8 | 2) << 96) - 1
        if low > high or low > valid:
            continue
        add_gap(stretches, after, low - 1)
        stretches.append((low, valid, False))
        after = high + 1
    add_gap(stretches, after, last)
    return stretches


def stream_windows(prefix, streams, only, start, end):
    first, last = below(prefix)
    stretches, after = [], first
    parts = [(kind << 8 | validity, stream) for stream, kind in streams for validity in (0, 1, 2)]
    for number, stream in sorted(parts):
        low = number << 96 | stream << 64
        high = low | (1 << 64) - 1
        if low < first or high > last or (only is not None and stream not in only):
            continue
        if only is None:
            add_gap(stretches, after, low - 1)
        if number & 255 < 2:
            stretches.append((low | start, low | end - 1, False))
        after = high + 1
    if only is None:
        add_gap(stretches, after, last)
    return stretches


def cut(stretches, voids):
    """What is left once voids are cut out; nothing where no stretch remains."""
    left = []
    for low, high, gap in stretches:
        if gap:
            left.append((low, high, gap))
            continue
        for start, end in sorted(voids):
            if end < low or start > high:
                continue
            if low < start:
                left.append((low, start - 1, False))
            low = end + 1
        if low <= high:
            left.append((low, high, False))
    return left if any(not gap for _, _, gap in left) else []


def refine(lists):
    """Common refinement: [low, high, filters that count, gap]."""
    edges = sorted({edge for stretches in lists for low, high, _ in stretches for edge in (low, high + 1)})
    pieces = []
    for low, beyond in zip(edges, edges[1:]):
        covering = [
            (place, gap)
            for place, stretches in enumerate(lists)
            for start, end, gap in stretches
            if start <= low and beyond - 1 <= end
        ]
        if not covering:
            continue
        counts, gap = sorted({place for place, is_gap in covering if not is_gap}), any(one for _, one in covering)
        if pieces and pieces[-1][1] + 1 == low and pieces[-1][2:] == [counts, gap]:
            pieces[-1][1] = beyond - 1
        else:
            pieces.append([low, beyond - 1, counts, gap])
    return pieces


def locate(filters, headers, streams):
    """For each batch that is asked: its place and its questions, lists of at most 256 pieces."""
    located, voids = [], []
    for place in reversed(range(len(headers))):
        header = headers[place]
        lists = []
        for prefix, only, start, end in filters:
            if header["from"] >= end or header["to"] <= start:
                lists.append([])
                continue
            whole = only is None and header["from"] >= start and header["to"] <= end
            asked = whole_kinds(prefix, streams) if whole else stream_windows(prefix, streams, only, start, end)
            lists.append(cut(asked, voids))
        pieces = refine(lists)
        if pieces:
            located.append((place, [pieces[at : at + 256] for at in range(0, len(pieces), 256)]))
        voids += [(int.from_bytes(low, "big"), int.from_bytes(high, "big")) for low, high in header["restates"]]
    return list(reversed(located))
