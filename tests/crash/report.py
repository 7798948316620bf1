"""What a campaign's history says in numbers: a table, and campaign.json for whoever compares runs."""

import json
import statistics
from collections import Counter

import checker
from harms import NAMES, ON_LOOPBACK, VEHICLES_CUT_OFF


def take_overs(history):
    """Seconds from each kill of the leader to the first write that the other node acknowledged."""
    spans = []
    for index, line in enumerate(history):
        if line["kind"] == "kill" and line["victim"] == "leader":
            later = (it for it in history[index:] if it["kind"] == "answer" and it["status"] < 300 and it["node"] != line["node"])
            first = next(later, None)
            if first is not None:
                spans.append(first["at"] - line["at"])
    return spans


def orders_across_cuts(history):
    """Orders that came to vehicles and had been given while these were cut off from the leader."""
    across, cut_since = set(), None
    for line in history:
        if line["kind"] == "kill":
            cut_since = line["at"] if line["victim"] in VEHICLES_CUT_OFF else None
        elif line["kind"] == "mended":
            cut_since = None
        elif line["kind"] == "answer" and line["operation"] == "order" and line["status"] < 300 and cut_since and line["begun"] > cut_since:
            across.add(line["answer"]["id"])
    return across & {line["assignment"] for line in history if line["kind"] == "arrived"}


def answers_in_normal(history):
    """Seconds from a request to its answer while the centre was whole: what a write costs in the state NORMAL, in order."""
    spans, whole_since = [], None
    for line in history:
        if line["kind"] == "whole":
            whole_since = line["at"]
        elif line["kind"] == "kill":
            whole_since = None
        elif line["kind"] == "answer" and whole_since and line["begun"] > whole_since and line["tried"] == 1 and line["status"] < 300:
            spans.append(line["at"] - line["begun"])
    return sorted(spans)


def count(history, kind):
    return sum(line["kind"] == kind for line in history)


def harms(history):
    kills = Counter(line["victim"] for line in history if line["kind"] == "kill")
    rows = [(name, kills[harm]) for harm, name in NAMES.items() if harm in ON_LOOPBACK or kills[harm]]
    rows.append(("a standby took PostgreSQL's primary's place", sum(line["kind"] == "postgres" and line["how"] == "failed over" for line in history)))
    dropped = [line["dropped"] for line in history if line["kind"] == "mended" and line["dropped"] is not None]
    return rows + ([("packets that cuts swallowed", sum(dropped))] if dropped else [])


def outcomes(history):
    return [
        ("writes acknowledged", sum(line["kind"] == "answer" and line["status"] < 300 for line in history)),
        ("writes without an answer", count(history, "no_answer")),
        ("island's events brought in", sum(line["events"] for line in history if line["kind"] == "brought_in")),
        ("island's events left out", sum(line["left_out"] for line in history if line["kind"] == "brought_in")),
        ("orders seen at their vehicle", count(history, "arrived")),
        ("… given while it was cut off", len(orders_across_cuts(history))),
        ("presses of crews seen at the centre", count(history, "told")),
        ("states that nodes told", ", ".join(sorted({line["state"] for line in history if line["kind"] == "state" and line["state"]}))),
    ]


def times(history):
    rows, normal, spans = [], answers_in_normal(history), sorted(take_overs(history))
    back = sorted(line["after_s"] for line in history if line["kind"] == "heard")
    if normal:
        rows += [
            ("write acknowledged in NORMAL, median", f"{1000 * statistics.median(normal):.1f} ms of {len(normal)}"),
            ("write acknowledged in NORMAL, p99", f"{1000 * normal[round(0.99 * (len(normal) - 1))]:.1f} ms"),
        ]
    if back:
        rows += [
            ("vehicle heard again after its cut, median", f"{statistics.median(back):.2f} s of {len(back)}"),
            ("vehicle heard again after its cut, longest", f"{back[-1]:.2f} s"),
        ]
    if spans:
        rows += [
            ("take-over, median", f"{statistics.median(spans):.2f} s"),
            ("take-over, p99", f"{spans[min(len(spans) - 1, round(0.99 * (len(spans) - 1)))]:.2f} s"),
            ("take-over, longest", f"{spans[-1]:.2f} s"),
        ]
    return rows


def report(folder, wrong):
    history = checker.read_history(folder / "history.jsonl")
    rows = [*harms(history), *outcomes(history), *times(history), ("laws broken", len(wrong))]
    for what, value in rows:
        print(f"{what:<48}{value}")
    for problem in wrong[:20]:
        print(f"  ✗ {problem}")
    (folder / "campaign.json").write_text(json.dumps([{"what": what, "value": value} for what, value in rows], ensure_ascii=False, indent=1))
