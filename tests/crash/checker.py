"""Whether a campaign lost anything. Goes by what clients were told (history.jsonl) and by what is there in the end (the journals' rows, read with
Python's own SQLite, and PostgreSQL's), and by nothing of the program under test."""

import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path


# The states are asked for every 50 ms, one node after the other, each for up to a second.
TOLD_LATE_S = 2.5


def read_history(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines() if line.endswith("}")]


def read_journal(path, table="journal"):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(f"SELECT seq, term, node, body, prev_hash, hash FROM {table} ORDER BY seq").fetchall()


def check_chain(rows):
    """Every row rests on the one before it, and its hash is that of its bytes."""
    wrong, before, epoch = [], bytes(32), (0, 0)
    for place, (seq, term, node, body, prev_hash, own) in enumerate(rows, 1):
        digest = hashlib.sha256(before + seq.to_bytes(8, "big") + term.to_bytes(8, "big") + node.to_bytes(4, "big") + body.encode()).digest()
        if seq != place or prev_hash != before or own != digest or (term, node) < epoch:
            wrong.append(f"the chain breaks at event {seq}")
            break
        before, epoch = own, (term, node)
    return wrong


class Told:
    """What each node said of itself, and when."""

    def __init__(self, history):
        self.lines = [line for line in history if line["kind"] == "state"]

    def island(self, node, at):
        """Whether the node called itself an island about then: an acknowledgement had one copy, and the screen said so."""
        told = None
        for line in self.lines:
            if line["node"] != node:
                continue
            if line["at"] > at + TOLD_LATE_S:
                break
            told = line["state"] if line["at"] <= at or line["state"] == "island" else told
        return told == "island"


def check_answers(history, facts, aside):
    """What was acknowledged is there, once, and every repeat got the same. What an island acknowledged may have been moved aside, and was
    brought in since."""
    wrong, given, told = [], defaultdict(set), Told(history)
    kinds = {"call": ("call_received", "call"), "incident": ("incident_created", "incident"), "order": ("unit_assigned", "assignment"), "cancel": ("incident_cancelled", "incident")}
    there = {kind: Counter(fact[name] for fact in facts if fact["fact"] == word) for kind, (word, name) in kinds.items()}
    moved = {kind: {fact[name] for fact in aside if fact["fact"] == word} for kind, (word, name) in kinds.items()}
    for line in history:
        if line["kind"] != "answer" or line["status"] >= 300:
            continue
        operation = line["operation"]
        if operation not in kinds:
            continue
        thing = line["path"].split("/")[4] if operation == "cancel" else line["answer"]["id"]
        given[line["key"]].add(thing)
        count = there[operation][thing]
        if count > 1:
            wrong.append(f"{operation} {thing} is on record {count} times")
        # Every call and every incident is brought in. An order may not fit, where the leader sent that unit elsewhere.
        elif count == 0 and not (operation in ("order", "cancel") and thing in moved[operation] and told.island(line["node"], line["at"])):
            where = "was moved aside" if thing in moved[operation] else "is nowhere"
            wrong.append(f"{operation} {thing} was acknowledged by node {line['node']} and {where}")
    wrong += [f"key {key} was answered with {sorted(ids)}" for key, ids in given.items() if len(ids) > 1]
    return wrong


def check_once(history, facts):
    """Nothing was carried out twice: each request for a call or an order made at most one."""
    wrong = []
    asked = Counter(line["path"].split("/")[4] for line in history if line.get("operation") == "order")
    orders = Counter(fact["incident"] for fact in facts if fact["fact"] == "unit_assigned")
    for incident, count in orders.items():
        if count > asked[incident]:
            wrong.append(f"incident {incident} was given {count} orders for {asked[incident]} requests")
    calls = sum(1 for fact in facts if fact["fact"] == "call_received")
    requests = sum(1 for line in history if line.get("operation") == "call")
    if calls > requests:
        wrong.append(f"{calls} calls are on record for {requests} requests")
    return wrong


def runs_brought_in(facts):
    """Orders that had come to an end when they were brought in: they stand on record after what went on meanwhile."""
    over = set()
    for place, fact in enumerate(facts):
        if fact["fact"] == "events_brought_in":
            brought = facts[place - fact["events"] : place]
            over |= {it["assignment"] for it in brought if it["fact"] == "assignment_ended"}
    return over


def check_units(facts):
    """No unit is on two orders at once."""
    wrong, on, unit_of, over = [], {}, {}, runs_brought_in(facts)
    for fact in facts:
        if fact.get("assignment") in over:
            continue
        if fact["fact"] == "unit_assigned":
            unit, assignment = fact["unit"], fact["assignment"]
            if unit in on:
                wrong.append(f"unit {unit} was given {assignment} while on {on[unit]}")
            on[unit], unit_of[assignment] = assignment, unit
        elif fact["fact"] == "assignment_ended":
            unit = unit_of.get(fact["assignment"])
            if on.get(unit) == fact["assignment"]:
                del on[unit]
    return wrong


def check_orders(history, facts):
    """Every order on record that was acknowledged came to its vehicle."""
    there = {fact["assignment"] for fact in facts if fact["fact"] == "unit_assigned"}
    missing = (line for line in history if line["kind"] == "missing" and line["assignment"] in there)
    return [f"order {line['assignment']} never came to {line['unit']}" for line in missing]


def check_presses(history, facts, aside):
    """What a crew pressed comes to the centre, or the crew is told that it does not count; and what the centre showed of it stays on record."""
    there = {fact["assignment"] for fact in facts if fact["fact"] == "unit_assigned"}
    untold = (line for line in history if line["kind"] == "untold" and line["assignment"] in there)
    wrong = [f"the press of {line['unit']} on order {line['assignment']} never came to the centre" for line in untold]
    reported, moved = ({fact["assignment"] for fact in some if fact["fact"] == "stage_reported"} for some in (facts, aside))
    told = Told(history)
    for line in history:
        if line["kind"] == "told" and line["assignment"] not in reported:
            if line["assignment"] not in moved or not told.island(line["node"], line["at"]):
                wrong.append(f"the press of {line['unit']} on order {line['assignment']} was shown by node {line['node']} and is lost")
    return wrong


def check_vehicles(history):
    """A vehicle that was cut off is heard again once the line is mended."""
    return [f"{line['unit']} was not heard within {line['after_s']:.0f} s after its line was mended" for line in history if line["kind"] == "silent"]


def check_cuts(history):
    """A cut that swallowed nothing was none: then the campaign proves less than its table says."""
    return [f"the cut `{line['victim']}` swallowed nothing" for line in history if line["kind"] == "mended" and line["dropped"] == 0]


def check_leaders(history):
    """Two nodes never both say for longer than a moment that they lead with authority: what one of them tells may be a moment old."""
    wrong, states, both_since = [], {}, None
    for line in history:
        if line["kind"] != "state":
            continue
        states[line["node"]] = line["state"]
        both = sum(state in ("normal", "journal") for state in states.values()) == 2
        if both and both_since is None:
            both_since = line["at"]
        elif not both and both_since is not None:
            if line["at"] - both_since > TOLD_LATE_S:
                wrong.append(f"both nodes said for {line['at'] - both_since:.1f} s that they lead")
            both_since = None
    return wrong


def check(folder, shared_head):
    """All that is wrong, in words; empty when nothing is."""
    folder = Path(folder)
    history = read_history(folder / "history.jsonl")
    files = [folder / f"data-{number}" / "journal.sqlite" for number in (1, 2)]
    journals = [read_journal(file) for file in files]
    aside = [json.loads(row[3])["fact"] for file in files for row in read_journal(file, "quarantine")]
    longest = max(journals, key=len)
    wrong = [f"node {number}: {problem}" for number, rows in enumerate(journals, 1) for problem in check_chain(rows)]
    for number, rows in enumerate(journals, 1):
        if rows != longest[: len(rows)]:
            wrong.append(f"node {number} holds another history")
    seq, digest = shared_head
    if not 1 <= seq <= len(longest) or longest[seq - 1][5].hex() != digest:
        wrong.append(f"PostgreSQL's event {seq} is not the journal's")
    facts = [json.loads(row[3])["fact"] for row in longest]
    wrong += check_answers(history, facts, aside) + check_once(history, facts) + check_units(facts)
    wrong += check_orders(history, facts) + check_presses(history, facts, aside)
    return wrong + check_vehicles(history) + check_leaders(history) + check_cuts(history)
