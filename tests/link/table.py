"""What a link campaign's history says in numbers: a row for each kind of trouble, and one for the time between them."""

import statistics
from collections import defaultdict

import laws
from files import taken

BETWEEN = "in between"
# What happens in a moment is looked at for so long.
MOMENT_S = 3.0


class Spans:
    """When each vehicle was in which trouble: from its beginning until the vehicle was back."""

    def __init__(self, history):
        begun, self.spans = {}, defaultdict(list)
        for line in history:
            if line["kind"] == "trouble":
                begun[line["number"]] = line["at"]
            elif line["kind"] in ("over", "heard", "linked"):
                span = next((span for span in self.spans[line["unit"]] if span["number"] == line["number"]), None)
                if span is None:
                    span = {"number": line["number"], "trouble": line["trouble"], "begun": begun[line["number"]], "over": line["at"]}
                    self.spans[line["unit"]].append(span)
                span["back"] = line["at"]

    def trouble_at(self, unit, at):
        return next((span["trouble"] for span in self.spans[unit] if span["begun"] <= at <= span["back"]), BETWEEN)

    def all(self):
        return [(unit, span) for unit, spans in self.spans.items() for span in spans]


def figures(values):
    """Median and largest."""
    return {"median": round(statistics.median(values), 2), "longest": round(max(values), 2)} if values else None


def rows(history, events, positions):
    spans, matched = Spans(history), laws.Matched(history, events)
    table = defaultdict(lambda: defaultdict(int))
    times, gaps = defaultdict(lambda: defaultdict(list)), laws.gaps(history, events)
    for name, presses in [("pressed", matched.presses), ("arrived", matched.arrived()), ("out of order", matched.out_of_order()), ("twice", matched.twice())]:
        for press in presses:
            table[spans.trouble_at(press["unit"], press["at"])][name] += 1
    for press in taken(history):
        table[spans.trouble_at(press["unit"], press["at"])]["files"] += 1
    shown = {(line["unit"], line["what"], line["thing"]) for line in history if line["kind"] == "shown"}
    for line in history:
        if line["kind"] == "answer" and line["operation"] in ("order", "message") and line["status"] < 300:
            row, thing = table[spans.trouble_at(line["unit"], line["at"])], line["answer"]["id"] if line["operation"] == "order" else line["body"]["text"]
            row["sent"] += 1
            row["reached"] += (line["unit"], line["operation"], thing) in shown
        elif line["kind"] == "trouble":
            table[line["trouble"]]["half way"] += line["half_way"]
        elif line["kind"] == "linked":
            times[line["trouble"]]["linked"].append(line["after_s"])
    for unit, span in spans.all():
        row = table[span["trouble"]]
        row["times"] += 1
        if span["number"] in gaps:
            times[span["trouble"]]["gap"].append(gaps[span["number"]])
        until = max(span["over"], span["begun"] + MOMENT_S)
        there = sum(span["begun"] <= at <= until for at in positions[unit])
        row["positions"] += there
        row["positions missing"] += max(0, int(until - span["begun"]) - there)
    order = list(dict.fromkeys(line["trouble"] for line in sorted((line for line in history if line["kind"] == "over"), key=lambda line: (line["seconds"], line["trouble"]))))
    return [{"trouble": name, **table[name], "gap": figures(times[name]["gap"]), "linked": figures(times[name]["linked"])} for name in [*order, BETWEEN] if name in table]


def span_text(found):
    return f"{found['median']:.2f}/{found['longest']:.2f}" if found else "–"


def print_table(table):
    """Gap and link: median and longest, in seconds after the end of the trouble. Half way: troubles that began while a file was under way."""
    print(f"\n{'trouble':<36}{'n':>4}{'gap s':>12}{'link s':>12}{'pressed':>9}{'arrived':>9}{'disorder':>9}{'twice':>7}{'files':>7}{'half way':>10}{'sent':>6}{'reached':>9}{'positions':>11}{'missing':>9}")
    for row in table:
        count = {name: row.get(name, 0) for name in ("times", "pressed", "arrived", "out of order", "twice", "files", "half way", "sent", "reached", "positions", "positions missing")}
        print(
            f"{row['trouble']:<36}{count['times'] or '':>4}{span_text(row['gap']):>12}{span_text(row['linked']):>12}{count['pressed']:>9}{count['arrived']:>9}"
            f"{count['out of order']:>9}{count['twice']:>7}{count['files']:>7}{count['half way']:>10}{count['sent']:>6}{count['reached']:>9}{count['positions']:>11}{count['positions missing']:>9}"
        )
