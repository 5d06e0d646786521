"""Recomputes a report from its package, with Python's standard library alone and from the documented formats.

    python3 recompute.py report.car [--vkey KEY] [--root-after HEX]

Every block is held to its CID, every entry to its signature and to the log's root, every document to the rules, every total to its header's
tree; then the methodology runs on the proven totals and each output is compared with the report's, digit for digit. With the log's key
(name+id+base64) the root is held to the signed checkpoint; with the log's root right after the report's entry, which anyone gets from the
log's tiles, the seed of the verifier's sample is drawn again. No network is asked: whether root, keys and blocks' times are the chain's a
chain node says. Exit code 0 where everything holds, 1 where something does not.
"""

import argparse
import sys
from fractions import Fraction

from blocks import Cid, Refused, decode, open_car, require
from equations import calculate, shown
from proofs import check_inclusion, check_proof, locate
from rules import Register, Stated, seed_of
from signatures import check_checkpoint, check_entry
from units import Unit, base_unit, exact_text, is_gauge


def main(arguments):
    with open(arguments.package, "rb") as file:
        root, blocks = open_car(file.read())
    package = decode(blocks[root])
    require(package["format"] == "tanlian/report-package/1", "this is no report package")
    get = lambda cid: decode(blocks[cid]) if cid in blocks else fail(f"a block is missing: {cid.hex()}")  # noqa: E731

    documents = read_documents(package, get)
    report = documents[package["report"]]["content"]
    headers = read_headers(package, get, report["size"])
    check_log(package)
    print(f"{len(headers)} batches and {len(documents)} documents are in the log of {package['log']['size']} entries")
    check_signatures(package)
    print(f"each is signed by a key of its organization, of {len(package['keys'])} that the package names")
    if arguments.vkey is not None:
        check_checkpoint(package["checkpoint"], arguments.vkey, package["log"])
        print("the log's key signed this root")

    totals, asked = prove_totals(package, report, headers, get)
    print(f"{len(totals)} totals are proven")
    stage = check_rules(package, documents, headers, asked, arguments.root_after)
    print(f"its documents keep the rules; the report is {stage}")
    inputs = [check_input(item, totals, documents) for item in report["inputs"]]

    methodology = get(report["methodology"])
    check_units(methodology, report["inputs"], totals, documents)
    outputs = run(methodology, [get(cid) for cid in report["factors"]], inputs)
    require(outputs == report["outputs"], f"the outputs are {outputs}, the report says {report['outputs']}")
    for name, value, unit in outputs:
        print(f"{name}: {value} {unit}")
    manual = sum(1 for item in report["inputs"] if item["origin"]["kind"] == "manual")
    print(f"the report is as its readings and its methodology make it; {manual} values were entered by hand")


def fail(why):
    raise Refused(why)


def entry_of(kind, organization, sequence, cid):
    return kind.to_bytes(4, "big") + organization.to_bytes(8, "big") + sequence.to_bytes(8, "big") + cid.digest


def read_documents(package, get):
    """Documents by CID, each under its own entry."""
    documents = {}
    for cid, entry, _signature in package["documents"]:
        document = get(cid)
        require(document["format"] == "tanlian/document/1", "a document is of another form")
        require(entry == entry_of(2, document["organization"], document["sequence"], cid), "a document is not its entry's")
        documents[cid] = document
    require(len(documents) == len(package["documents"]), "a document is in the package twice")
    return documents


def read_headers(package, get, size):
    """Headers before the report's size; the one after shows that none is hidden."""
    headers, previous = [], None
    for at, (cid, entry) in enumerate(zip(package["headers"], package["entries"], strict=True)):
        header = get(cid)
        require(header["sequence"] == at + 1 and header["previous"] == previous, f"batch {at + 1} is out of its chain")
        require(header["organization"] == package["organization"], f"batch {at + 1} is another organization's")
        require(entry == entry_of(1, header["organization"], at + 1, cid), f"batch {at + 1} is not its entry's")
        previous = cid
        headers.append(header)
    places = package["inclusion"]["indexes"][: len(headers)]
    require(places == sorted(set(places)), "batches stand in another order in the log")
    before = [header for header, place in zip(headers, places) if place < size]
    if len(before) == len(headers):
        print("no batch after the report is in the package: ask the chain that none is hidden")
    return before


def check_log(package):
    entries = package["entries"] + [entry for _, entry, _ in package["documents"]]
    indexes = package["inclusion"]["indexes"]
    require(len(entries) == len(indexes) == len(set(indexes)), "entries and their places are not of one number")
    log = package["log"]
    check_inclusion(log["size"], log["root"], dict(zip(indexes, entries)), package["inclusion"]["path"])


def check_signatures(package):
    signed = list(zip(package["entries"], package["signatures"], strict=True))
    for entry, signature in signed + [(entry, signature) for _, entry, signature in package["documents"]]:
        check_entry(entry, signature, package)


def check_rules(package, documents, headers, asked, root_after):
    """Folds the documents in the order of the log. Returns where the report stands."""
    count = len(package["headers"])
    places, anchors = package["inclusion"]["indexes"], package["anchors"]
    require(len(anchors) == len(places), "not every entry has its block")
    blocks = [block for _, (block, _) in sorted(zip(places, anchors))]
    require(blocks == sorted(blocks), "an entry is in a block before its place in the log")
    digests = {package["headers"][place].digest for place in asked}
    # Of a report that this one corrects the proofs are not in the package, so its batches cannot be told.
    register = Register(package["parties"], lambda report: digests if report.cid == package["report"] else set())
    last = -1
    for at, (cid, document) in enumerate(documents.items()):
        place, (block, time) = places[count + at], anchors[count + at]
        require(place > last, "documents are out of the log's order")
        last = place
        register.apply(Stated(cid, document, block, time, place))
    report = register.known[package["report"]]
    require(report.organization == package["organization"], "the report is another organization's")
    plan = report.next.get("sampling-plan")
    if plan is not None and root_after is not None:
        seed = seed_of(bytes.fromhex(root_after), plan.content["assignment"])
        require(plan.content["seed"] == seed, "the sample was drawn by another seed than the log's")
        print("the verifier's sample was drawn by the log's seed")
    return report.stage


def filter_of(origin):
    streams = origin["streams"]
    return origin["type"], None if streams is None else tuple(streams), origin["from"], origin["to"]


def prove_totals(package, report, headers, get):
    """{filter: (quantity, seconds)} from the proofs of all batches, and the places of the batches that they rest on."""
    filters = list(dict.fromkeys(filter_of(item["origin"]) for item in report["inputs"] if item["origin"]["kind"] == "total"))
    declared = {}
    for header in headers:
        for item in get(header["streams"])["streams"]:
            declared[item["stream"]] = item["type"]
    located = locate(filters, headers, sorted(declared.items()))
    require([place + 1 for place, _ in located] == [sequence for sequence, _ in package["proofs"]], "the proofs are of other batches")
    sums = [[0, 0] for _ in filters]
    for (place, questions), (_, proofs) in zip(located, package["proofs"]):
        require(len(questions) == len(proofs), f"batch {place + 1} has another number of proofs")
        for pieces, proof in zip(questions, proofs):
            answers = check_proof(headers[place]["tree"], [(low, high) for low, high, _, _ in pieces], proof)
            for (_, _, counts, gap), (count, quantity, seconds) in zip(pieces, answers):
                require(not gap or count == 0, f"batch {place + 1} holds readings that no stream declares")
                for number in counts:
                    sums[number][0] += quantity
                    sums[number][1] += seconds
    return {name: tuple(total) for name, total in zip(filters, sums)}, [place for place, _ in located]


def check_input(item, totals, documents):
    """The total that an input says is the proven one, and the document that it names is there."""
    origin = item["origin"]
    if origin["kind"] == "total":
        quantity, seconds = totals[filter_of(origin)]
        require((origin["quantity"], origin["seconds"]) == (str(quantity), seconds), f"{item['name']}: another total is proven")
    if origin["kind"] in ("analysis", "voucher"):
        document = documents.get(Cid(origin["document"]))
        require(document is not None and document["kind"] == origin["kind"], f"{item['name']}: its document is not there")
    return item


def check_units(methodology, inputs, totals, documents):
    """Each value is its total or its laboratory's result, in the unit that the methodology gives the input."""
    units = {(item["name"], item.get("group")): item.get("unit") for item in methodology["inputs"]}
    for item in inputs:
        name, origin = item["name"], item["origin"]
        require((name, item["group"]) in units, f"the methodology asks for no {name}")
        text = units[name, item["group"]]
        if origin["kind"] == "total":
            quantity, seconds = totals[filter_of(origin)]
            amount = Fraction(quantity, seconds) if is_gauge(origin["type"]) else Fraction(quantity)
            value = exact_text(Unit(text).from_base(base_unit(origin["type"]).to_base(amount)))
            require(item["value"] == value, f"{name}: the total is {value} {text}, the report says {item['value']}")
        if origin["kind"] == "analysis":
            results = documents[origin["document"]]["content"]["results"]
            result = next((one for one in results if one["name"] == origin["result"]), None)
            require(result is not None, f"{name}: the analysis has no such result")
            value = Unit(text).from_base(Unit(result["unit"]).to_base(Fraction(result["value"])))
            require(Fraction(item["value"]) == value, f"{name}: the laboratory found another value")


def run(methodology, sets, inputs):
    """The methodology's outputs as shown; what rounding the lines left over stands after its total."""
    given, groups = {}, {}
    for item in inputs:
        if item["group"] is None:
            given[item["name"]] = item["value"]
        else:
            rows = groups.setdefault(item["group"], [])
            require(item["row"] <= len(rows), f"a row of {item['group']} is missing")
            if item["row"] == len(rows):
                rows.append({})
            rows[item["row"]][item["name"]] = item["value"]
    by_id = {one["id"]: one for one in sets}
    equations = {item["name"]: item for item in methodology["equations"]}
    lines = [item["equation"] for item in methodology["outputs"] if item["role"] == "line"]
    made = calculate(methodology, by_id, given, groups)
    of_lines = calculate(methodology, by_id, given, groups, lines) if lines else None
    outputs = []
    for item in methodology["outputs"]:
        name = item["equation"]
        equation = equations[name]
        for row, value in enumerate(made[name]):
            text = shown(value, int(equation["places"]), equation.get("rounding", methodology["rounding"]))
            outputs.append([name, text, equation["unit"]])
            if item["role"] == "total" and of_lines is not None and Fraction(text) != of_lines[name][row]:
                outputs.append([f"{name}.remainder", exact_text(Fraction(text) - of_lines[name][row]), equation["unit"]])
    return outputs


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--vkey", metavar="KEY")
    parser.add_argument("--root-after", metavar="HEX")
    try:
        main(parser.parse_args())
    except (Refused, KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        sys.exit(f"refused: {error}")
