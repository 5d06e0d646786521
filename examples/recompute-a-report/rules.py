"""The rules of documents.md: a fold over the documents in the order of the log. What breaks a rule refuses the package."""

import hashlib

from blocks import Cid, require

LATEST = 48 * 3600
PARTIES = {
    "methodology": ("regulator", "platform"), "factors": ("regulator", "platform"), "sample": ("enterprise",),
    "handover": ("enterprise",), "receipt": ("laboratory",), "analysis": ("laboratory",), "voucher": ("enterprise",),
    "report": ("enterprise",), "draw": ("regulator",), "assignment": ("regulator",), "sampling-plan": ("verifier",),
    "opinion": ("verifier",), "decision": ("regulator",), "reopening": ("regulator",),
}  # fmt: skip
FORMS = {
    "methodology": "publication: subject state reason", "factors": "publication: subject state reason",
    "sample": "sample: label material stream period taken sealed seal", "handover": "handover: sample laboratory at",
    "receipt": "sample-receipt: handover at intact", "analysis": "analysis: receipt number analysed results report",
    "voucher": "voucher: title period file",
    "report": "report: type subject period zone size methodology factors inputs outputs trace answers corrects reason",
    "draw": "draw: period enterprises candidates excluded previous block due",
    "assignment": "assignment: draw size root assigned", "sampling-plan": "sampling-plan: report assignment seed risks items",
    "opinion": "opinion: report assignment plan outcome outputs audits findings thread visits statement",
    "decision": "decision: report opinion outcome outputs reason", "reopening": "reopening: report reason",
}  # fmt: skip


class Stated:
    """A document with its time (its block's, Unix seconds), its block and its place in the log."""

    def __init__(self, cid, document, block, time, place):
        self.cid, self.kind, self.content = cid, document["kind"], document["content"]
        self.organization, self.block, self.time, self.place = document["organization"], block, time, place
        self.next = {}  # what followed it: a handover of a sample, an analysis of a receipt, an assignment of a draw …


class Register:
    """All documents so far, and where reports stand."""

    def __init__(self, parties, asked):
        self.parties, self.asked = dict(map(tuple, parties)), asked
        self.known, self.published, self.numbers, self.latest, self.failed = {}, {}, set(), {}, set()
        self.assignments = []

    def apply(self, stated):
        kind, content = stated.kind, stated.content
        if kind == "audit":
            require(set(content) == {"log", "held", "failed", "unavailable"}, "an audit is of another form")
        else:
            require(kind in FORMS, f"there are no documents of kind {kind}")
            form, keys = FORMS[kind].split(": ")
            fits = set(content) == {"format", *keys.split()} and content["format"] == f"tanlian/{form}/1"
            require(fits, f"a document of kind {kind} is of another form")
            require(self.parties.get(stated.organization) in PARTIES[kind], f"organization {stated.organization} states no {kind}")
        getattr(self, kind.replace("-", "_"))(stated, content)
        self.known[stated.cid] = stated

    def get(self, cid, kind):
        found = self.known.get(cid)
        require(found is not None and found.kind == kind, f"a {kind} that is named is not there before")
        return found

    def once(self, before, stated):
        require(stated.kind not in before.next, f"there is a second {stated.kind} of one {before.kind}")
        before.next[stated.kind] = stated

    # --- publications ---

    def methodology(self, stated, content):
        publisher, state = self.published.get(content["subject"], (stated.organization, None))
        require(publisher == stated.organization, "a publication is retired by another than its publisher")
        require(state == {"published": None, "retired": "published"}[content["state"]], "a thing is published once, then retired once")
        self.published[content["subject"]] = (publisher, content["state"])

    factors = methodology

    # --- laboratories ---

    def timely(self, stated, first, last):
        require(last <= stated.time, f"a {stated.kind} is logged before it happens")
        require(stated.time - first <= LATEST, f"a {stated.kind} is logged more than 48 hours after it happened")

    def sample(self, stated, content):
        require(content["taken"] <= content["sealed"], "a sample is sealed before it is taken")
        self.timely(stated, content["taken"], content["sealed"])

    def handover(self, stated, content):
        sample = self.get(content["sample"], "sample")
        require(sample.organization == stated.organization, "a sample is handed over by another than its owner")
        self.once(sample, stated)
        require(content["at"] >= sample.content["sealed"], "a sample is handed over before it is sealed")
        self.timely(stated, content["at"], content["at"])

    def receipt(self, stated, content):
        handover = self.get(content["handover"], "handover")
        require(handover.content["laboratory"] == stated.organization, "a sample is received by another laboratory")
        self.once(handover, stated)
        require(content["at"] >= handover.content["at"], "a sample is received before it is handed over")
        self.timely(stated, content["at"], content["at"])

    def analysis(self, stated, content):
        receipt = self.get(content["receipt"], "receipt")
        require(receipt.organization == stated.organization, "an analysis is another laboratory's")
        self.once(receipt, stated)
        require(receipt.content["intact"], "the seal of an analysed sample was broken")
        require(content["analysed"] >= receipt.content["at"], "a sample is analysed before it is received")
        self.timely(stated, content["analysed"], content["analysed"])
        number = (stated.organization, content["number"])
        require(number not in self.numbers, "a laboratory used an analysis number twice")
        self.numbers.add(number)

    def voucher(self, stated, content):
        require(content["period"][0] < content["period"][1], "a voucher's period is empty")

    def sample_of(self, analysis):
        receipt = self.get(analysis.content["receipt"], "receipt")
        return self.get(self.get(receipt.content["handover"], "handover").content["sample"], "sample")

    # --- reports ---

    def report(self, stated, content):
        name = (stated.organization, content["subject"], content["type"])
        period = tuple(content["period"])
        before = self.latest.get((*name, period))
        require(content["corrects"] == (before and before.cid), "a report corrects another than the latest of its kind")
        if before is not None:
            require(before.stage != "accepted" or "reopening" in before.next, "an accepted report is corrected without a reopening")
            require(content["reason"] is not None, "a report corrects without a reason")
            before.corrected = True
        for one in self.latest:
            apart = one[3][1] <= period[0] or one[3][0] >= period[1]
            require(one[:3] != name or one[3] == period or apart, "the periods of two reports overlap")
        require(content["size"] <= stated.place, "a report's totals are of a log that was not there yet")
        kept = [before.content["methodology"], *before.content["factors"]] if before else []
        for cid in [content["methodology"], *content["factors"]]:
            is_out = self.published.get(cid, (None, None))[1] == "published"
            require(is_out or cid in kept, "a methodology or factor set is not published")
        self.cited(stated, content)
        stated.stage, stated.corrected = "submitted", False
        self.latest[(*name, period)] = stated

    def cited(self, stated, content):
        """The documents that inputs name are the organization's own, of their period; an analysis stands for one period."""
        order = [(item["group"] or "", item["row"], item["name"]) for item in content["inputs"]]
        require(order == sorted(set(order)), "inputs are out of order")
        windows, used = {}, {}
        for item in content["inputs"]:
            origin = item["origin"]
            if origin["kind"] == "total" and item["group"] is not None:
                start, end = windows.get((item["group"], item["row"]), (origin["from"], origin["to"]))
                windows[item["group"], item["row"]] = (min(start, origin["from"]), max(end, origin["to"]))
        for item in content["inputs"]:
            origin = item["origin"]
            if origin["kind"] not in ("analysis", "voucher"):
                continue
            document = self.get(Cid(origin["document"]), origin["kind"])
            owned = self.sample_of(document) if origin["kind"] == "analysis" else document
            require(owned.organization == stated.organization, f"{item['name']} cites a document of another organization")
            window = windows.get((item["group"], item["row"]), tuple(content["period"]))
            start, end = owned.content["period"]
            require(start < window[1] and window[0] < end, f"{item['name']} cites a document of another period")
            if origin["kind"] == "analysis":
                require(used.setdefault(document.cid, window) == window, f"{item['name']} cites an analysis that stands for another period")

    # --- verification ---

    def draw(self, stated, content):
        require(content["block"] > stated.block, "a draw is announced after its block")

    def assignment(self, stated, content):
        draw = self.get(content["draw"], "draw")
        require(draw.organization == stated.organization, "a draw is assigned by another")
        self.once(draw, stated)
        require(content["assigned"] == drawn(content["root"], draw.content), "the assignment is not what was drawn")
        self.assignments.append((draw, stated))

    def open(self, cid, stages):
        report = self.get(cid, "report")
        require(report.stage in stages and not report.corrected, f"a document is about a report that is {report.stage}")
        return report

    def assigned(self, report, stated, content):
        """The latest assignment for the report's organization whose draw's period holds the report's."""
        start, end = report.content["period"]
        for draw, assignment in reversed(self.assignments):
            verifier = dict(map(tuple, assignment.content["assigned"])).get(report.organization)
            if draw.content["period"][0] <= start and draw.content["period"][1] >= end and verifier is not None:
                require((assignment.cid, verifier) == (content["assignment"], stated.organization), "another verifier is assigned")
                return
        require(False, "no verifier is assigned")

    def sampling_plan(self, stated, content):
        report = self.open(content["report"], ["submitted"])
        self.assigned(report, stated, content)
        self.once(report, stated)
        require(content["items"] == sorted(set(content["items"])), "a sample is out of order")

    def audit(self, stated, content):
        require(not set(content["held"]) & {digest for digest, _ in content["failed"]}, "an audit holds what it fails")
        self.failed |= {(stated.organization, digest) for digest, _ in content["failed"]}
        self.failed -= {(stated.organization, digest) for digest in content["held"]}

    def opinion(self, stated, content):
        report = self.open(content["report"], ["submitted"])
        self.assigned(report, stated, content)
        plan = report.next.get("sampling-plan")
        require(plan is not None and plan.cid == content["plan"], "an opinion rests on another sampling plan")
        outcome = content["outcome"]
        require(outcome in ("unqualified", "qualified", "adverse", "returned"), "there is no such opinion")
        if outcome in ("unqualified", "qualified"):
            require(content["outputs"] == report.content["outputs"], "the verifier recomputed other outputs")
        audits = [self.get(cid, "audit") for cid in content["audits"]]
        require(all(one.organization == stated.organization for one in audits), "an opinion names another's audits")
        held = {digest for one in audits for digest in one.content["held"]}
        for digest in self.asked(report) if outcome != "returned" else []:
            open_one = digest not in held or (stated.organization, digest) in self.failed
            require(not open_one, "an opinion rests on a batch that its verifier did not audit")
        report.next["opinion"] = stated
        report.stage = outcome if outcome in ("adverse", "returned") else "verified"

    def decision(self, stated, content):
        report = self.open(content["report"], ["verified", "adverse"])
        opinion = report.next["opinion"]
        require(content["opinion"] == opinion.cid, "a decision is about another opinion")
        three = {report.organization, opinion.organization, stated.organization}
        require(len(three) == 3, "preparer, verifier and acceptor are not three")
        if content["outcome"] == "accepted":
            require(report.stage == "verified", "a report with an adverse opinion is accepted")
            require(content["outputs"] == report.content["outputs"], "the regulator recomputed other outputs")
        else:
            require(content["outcome"] == "rejected" and content["reason"] is not None, "a rejection has no reason")
        report.stage = content["outcome"]

    def reopening(self, stated, content):
        self.once(self.open(content["report"], ["accepted"]), stated)


# --- draws ---


def encode(value):
    """Canonical DAG-CBOR of texts, byte strings, whole numbers, CIDs and lists."""

    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        size = next(size for size in (1, 2, 4, 8) if number < 1 << (8 * size))
        return bytes([major << 5 | 23 + size.bit_length()]) + number.to_bytes(size, "big")

    if isinstance(value, Cid):
        return b"\xd8\x2a" + encode(b"\0" + bytes(value))
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, int):
        return head(0, value)
    return head(4, len(value)) + b"".join(encode(one) for one in value)


def drawn(root, draw):
    """The pairs that a root draws: enterprises by their lots, each with the fewest-laden eligible candidate of the least lot."""

    def lot(*numbers):
        return hashlib.sha256(encode(["tanlian/draw/1", root, draw["block"], *numbers])).digest()

    load, pairs = {}, []
    for enterprise in sorted(draw["enterprises"], key=lot):
        barred = {one[1] for one in [*draw["excluded"], *draw["previous"]] if one[0] == enterprise} | {enterprise}
        eligible = [one for one in draw["candidates"] if one not in barred]
        require(eligible, f"no candidate is left for enterprise {enterprise}")
        fewest = min(load.get(one, 0) for one in eligible)
        chosen = min((one for one in eligible if load.get(one, 0) == fewest), key=lambda one: lot(enterprise, one))
        load[chosen] = fewest + 1
        pairs.append([enterprise, chosen])
    return sorted(pairs)


def seed_of(root, assignment):
    """A sampling plan's seed, from the log's root right after the report's entry."""
    return hashlib.sha256(encode(["tanlian/sampling/1", root, assignment])).digest()
