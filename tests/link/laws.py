"""Whether the link kept its laws. Goes by what crews pressed and saw and what the desk was told (history.jsonl), and by what is on record in the end (the
journal's rows, read with Python's own SQLite), and by nothing of the programs under test. Takes any kind of report: a press says which fact
it must become and what that fact says."""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

from files import taken
from people import seconds_of

GAP_MAX_S = 3.0
# How exactly the first position is seen: the centre renews its picture every 250 ms, and is asked every 50.
SEEN_WITHIN_S = 0.35
# The vehicle's clock follows its receiver's.
CLOCK_S = 1.0


def read(folder):
    """The history, line by line."""
    return [json.loads(line) for line in (Path(folder) / "history.jsonl").read_text().splitlines() if line.endswith("}")]


def as_pressed(fact):
    """A fact without what nobody pressed: a file's name, which its vehicle gave it, and its key, which the centre did."""
    entry = fact.get("entry", {})
    return {**fact, "entry": {name: value for name, value in entry.items() if name not in ("id", "key")}} if entry.get("entry") == "file" else fact


class Matched:
    """Which facts each press became."""

    def __init__(self, history, events):
        self.presses = [line for line in history if line["kind"] == "press"]
        words = {press["fact"] for press in self.presses}
        # What crews said, of the kinds that were pressed: a press may have consequences of other kinds.
        said = [(place, event) for place, event in enumerate(events) if event["by"].get("kind") == "crew" and event["fact"]["fact"] in words]
        self.unpressed = dict(said)
        by_unit = defaultdict(list)
        for place, event in said:
            by_unit[event["by"]["unit"], event["fact"]["fact"]].append((place, as_pressed(event["fact"])))
        self.places = []
        for press in self.presses:
            fits = [place for place, fact in by_unit[press["unit"], press["fact"]] if press["says"].items() <= fact.items()]
            self.places.append(fits)
            for place in fits:
                self.unpressed.pop(place, None)

    def arrived(self):
        return [press for press, places in zip(self.presses, self.places) if places]

    def twice(self):
        return [press for press, places in zip(self.presses, self.places) if len(places) > 1]

    def lost(self):
        return [press for press, places in zip(self.presses, self.places) if not places]

    def out_of_order(self):
        """Presses on record before one that the same crew had pressed earlier, of those that go on the same stream."""
        latest, wrong = {}, []
        for press, places in zip(self.presses, self.places):
            stream = (press["unit"], press.get("stream", "duty"))
            if places and places[0] < latest.get(stream, -1):
                wrong.append(press)
            elif places:
                latest[stream] = places[0]
        return wrong


def words(press):
    return f"{press['unit']}'s {press['fact']} {json.dumps(press['says'], ensure_ascii=False)}"


def check_presses(matched):
    """What a crew pressed is on record, once, in the order in which it was pressed; and nothing else is."""
    wrong = [f"{words(press)} is lost" for press in matched.lost()]
    wrong += [f"{words(press)} is on record twice" for press in matched.twice()]
    wrong += [f"{words(press)} is on record before an earlier press" for press in matched.out_of_order()]
    return wrong + [f"nobody pressed {event['fact']['fact']} of {event['by']['unit']}" for event in matched.unpressed.values()]


def check_times(matched, events):
    """A report keeps the time at which it was pressed, however late it comes."""
    wrong = []
    for press, places in zip(matched.presses, matched.places):
        for place in places[:1] if "true_at" in press else []:
            away_s = seconds_of(events[place]["fact"]["at"]) - press["true_at"]
            if abs(away_s) > CLOCK_S:
                wrong.append(f"{words(press)} is on record with a time {away_s:.1f} s away")
    return wrong


def told(history, what):
    """For each unit what the centre said it would tell it, in that order: the ids of orders, the texts of messages."""
    sent = defaultdict(list)
    for line in history:
        if line["kind"] == "answer" and line["operation"] == what and line["status"] < 300:
            sent[line["unit"]].append(line["answer"]["id"] if what == "order" else line["body"]["text"])
    return sent


def check_told(history):
    """What the centre acknowledged to the desk comes to its vehicle, once, in that order."""
    wrong = []
    for what in ("order", "message"):
        shown = defaultdict(list)
        for line in history:
            if line["kind"] == "shown" and line["what"] == what:
                shown[line["unit"]].append(line["thing"])
        for unit, sent in told(history, what).items():
            came = [thing for thing in shown[unit] if thing in sent]
            wrong += [f"{what} {thing} never came to {unit}" for thing in sent if thing not in came]
            wrong += [f"{what} {thing} came to {unit} twice" for thing, count in Counter(came).items() if count > 1]
            if list(dict.fromkeys(came)) != [thing for thing in sent if thing in came]:
                wrong.append(f"{unit} was shown its {what}s out of order")
    return wrong


def is_whole(line, press):
    """Whether what the centre has is what the crew took: whose, how long by its list, and each byte of it."""
    said, entry = press["says"], press["says"]["entry"]
    wanted = (said["assignment"], said["patient"], 200, entry["bytes"], entry["sha256"])
    return (line["assignment"], line["patient"], line["status"], line["listed"], line["sha256"]) == wanted


def check_files(history):
    """A file that a crew took is at the centre once, byte for byte; and no other is. Its card is a press like others."""
    presses, lines = taken(history), [line for line in history if line["kind"] == "file"]
    wrong = [] if any(line["half_way"] for line in history if line["kind"] == "trouble") else ["no trouble met a file half way: nothing is proved of them"]
    for press in presses:
        count = sum(is_whole(line, press) for line in lines)
        if count != 1:
            wrong.append(f"{words(press)} is at the centre {count} times")
    strangers = (line for line in lines if not any(is_whole(line, press) for press in presses))
    return wrong + [f"no crew took what is in {line['file']} of {line['unit']} (status {line['status']}, {line['bytes']} of {line['listed']} bytes)" for line in strangers]


def gaps(history, events):
    """For each trouble that is over, by its number: seconds until the centre heard the vehicle, by a position or a report on record."""
    over = {line["number"]: line for line in history if line["kind"] == "over"}
    found = {line["number"]: line["after_s"] for line in history if line["kind"] == "heard"}
    said = defaultdict(list)
    for event in events:
        if event["by"].get("kind") == "crew":
            said[event["by"]["unit"]].append(seconds_of(event["at"]))
    for number, line in over.items():
        first = next((at for at in said[line["unit"]] if at >= line["at"]), None)
        if first is not None:
            found[number] = min(found.get(number, first - line["at"]), first - line["at"])
    return found


def check_gaps(history, events):
    """After any trouble the centre hears the vehicle within three seconds and a round trip, where the line is sound then."""
    found, wrong = gaps(history, events), []
    for line in history:
        if line["kind"] != "over":
            continue
        gap = found.get(line["number"])
        limit = GAP_MAX_S + line["round_trip_s"] + SEEN_WITHIN_S
        if gap is None:
            wrong.append(f"{line['unit']} was not heard after `{line['trouble']}`")
        elif line["is_sound_after"] and gap > limit:
            wrong.append(f"{line['unit']} was heard {gap:.2f} s after `{line['trouble']}`; {limit:.2f} s are allowed")
    return wrong


def check_back(history):
    """Whatever happened, each vehicle is linked again, and in the end nothing waits."""
    wrong = [f"{line['unit']} was not linked again within {line['after_s']:.0f} s after `{line['trouble']}`" for line in history if line["kind"] == "silent"]
    return wrong + [f"{line['unit']} did not settle: {line['why']}" for line in history if line["kind"] == "unsettled"]


def check_troubles(history):
    """A cut that swallowed nothing was none: then the campaign proves less than its table says."""
    return [f"`{line['trouble']}` of {line['unit']} swallowed nothing" for line in history if line["kind"] == "over" and line["swallows"] and line["swallowed"] == 0]


def check(history, events, gap_is_law=True):
    """All that is wrong, in words; empty when nothing is."""
    matched = Matched(history, events)
    wrong = check_presses(matched) + check_times(matched, events) + check_told(history)
    wrong += check_files(history) + check_back(history) + check_troubles(history)
    return wrong + (check_gaps(history, events) if gap_is_law else [])
