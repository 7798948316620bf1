"""A link campaign: a real centre and real vehicles whose crews press and get orders, while their lines go through tunnels, are cut one way, flap, lose,
and change their addresses. In the end laws say whether anything was lost, came twice or out of order, and whether each vehicle was heard
again in time. Prints a table; ends with 1 when something is wrong. Each vehicle is in a network namespace of its own where this machine makes
them (root, packages iproute2 and nftables); else on the loopback, where no address changes and no modem goes off.

    python3 tests/link/campaign.py --binaries target/debug --folder target/link
    python3 tests/link/campaign.py --binaries target/debug --folder target/link --short --seed 7
"""

import argparse
import json
import random
import signal
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

import checker
import laws
from centre import Centre, is_linked
from clients import History
from files import Shelf, on_screen, taken
from ground import InNamespaces, OnLoopback
from namespaces import NoNamespaces, need
from people import Crew, Dispatcher
from receiver import Receiver
from table import print_table, rows
from troubles import LONG, SHORT, lanes

LOOK_S = 0.05
# A vehicle that is not back by then never will be.
BACK_WITHIN_S = 60
SETTLED_WITHIN_S = 60
AT_WORK_S = 4
HALF_WAY_WITHIN_S = 3


class Drive(threading.Thread):
    """Leads one vehicle through its troubles, each of which begins with a photo half way to the centre, and sees it come back after each."""

    def __init__(self, vehicle, crew, lane, history, stop):
        super().__init__(daemon=True)
        self.vehicle, self.crew, self.lane, self.history, self.stop = vehicle, crew, lane, history, stop
        self.position_at = None

    def run(self):
        for number, (rest_s, trouble) in enumerate(self.lane, 1):
            self.wait(rest_s)
            if self.stop.is_set():
                return
            self.one_trouble(f"{self.vehicle.unit}-{number}", trouble)
        # What the last one left behind has time to show.
        self.wait(AT_WORK_S)

    def wait(self, seconds):
        """Waits, and looks where the centre sees the vehicle at the end: a change after that is news."""
        self.stop.wait(seconds)
        self.position_at = self.seen()

    def seen(self):
        unit = self.vehicle.centre.unit(self.vehicle.unit)
        return unit and unit["position"] and unit["position"]["at"]

    def one_trouble(self, number, trouble):
        unit, line = self.vehicle.unit, self.vehicle.line
        half_way = self.is_half_way()
        common = {"unit": unit, "number": number, "trouble": trouble.name}
        before = sum(line.swallowed.values())
        self.history.note(kind="trouble", **common, half_way=half_way)
        trouble.do(self.vehicle, trouble.seconds, self.wait)
        self.history.note(
            kind="over", **common, seconds=trouble.seconds, swallows=trouble.swallows, swallowed=sum(line.swallowed.values()) - before,
            round_trip_s=line.round_trip_s, is_sound_after=trouble.is_sound_after,
        )  # fmt: skip
        self.see_it_back(common)

    def is_half_way(self):
        """Has a photo taken and sees it go. False: there was nobody to take it of, or it was too quick."""
        begun, found = time.time(), False
        if self.crew.take_large_photo():
            while not found and time.time() - begun < HALF_WAY_WITHIN_S:
                found = any(0 < file["at_centre"] < file["bytes"] for file in on_screen(self.vehicle.state() or {"orders": []}))
        self.position_at = self.seen()
        return found

    def see_it_back(self, common):
        begun, waits_for = time.time(), {"heard": lambda: self.seen() != self.position_at, "linked": lambda: is_linked(self.vehicle)}
        while waits_for and time.time() - begun < BACK_WITHIN_S:
            for kind in [kind for kind, is_so in waits_for.items() if is_so()]:
                self.history.note(kind=kind, **common, after_s=time.time() - begun)
                del waits_for[kind]
            time.sleep(LOOK_S)
        if waits_for:
            self.history.note(kind="silent", **common, after_s=time.time() - begun)


def why_unsettled(vehicle, crew, sent, shelf, photos):
    """What still waits on a vehicle's way; `None` when nothing does."""
    state = vehicle.state()
    if state is None:
        return "its terminal does not answer"
    crew.look(state)
    waiting = [thing for what in ("order", "message") for thing in sent[what] if (what, thing) not in crew.things]
    link = state["link"]
    if waiting or link["unsent"] or link["unsent_positions"]:
        return f"{len(waiting)} of the centre's words, {link['unsent']} reports and {link['unsent_positions']} positions wait"
    # Of an order that is over the terminal shows none; the centre says.
    if files := sum(file["at_centre"] != file["bytes"] for file in on_screen(state)) or shelf.waiting(photos):
        return f"{files} files wait"
    return None


def settle(centre, crews, history, folder):
    """The lines are sound; all that waits comes. What the centre has of files then is written down."""
    lines = laws.read(folder)
    sent = {what: laws.told(lines, what) for what in ("order", "message")}
    shelf = Shelf(centre)
    for vehicle, crew in zip(centre.vehicles, crews):
        begun = time.time()
        own = {what: by_unit[vehicle.unit] for what, by_unit in sent.items()}
        photos = [press for press in taken(lines) if press["unit"] == vehicle.unit]
        while (why := why_unsettled(vehicle, crew, own, shelf, photos)) and time.time() - begun < SETTLED_WITHIN_S:
            time.sleep(0.1)
        if why:
            history.note(kind="unsettled", unit=vehicle.unit, why=why)
        for assignment in own["order"]:
            for file in shelf.of(assignment):
                history.note(kind="file", unit=vehicle.unit, **file)


def positions_in_the_end(centre):
    """The history of positions is written in batches, of a second each."""
    before, found = None, centre.positions()
    while found != before:
        time.sleep(2.5)
        before, found = found, centre.positions()
    return found


def work(centre, lanes_of, history, seed, folder):
    stop, drives = threading.Event(), []
    crews = [Crew(vehicle, history, stop, seed) for vehicle in centre.vehicles]
    people = crews + [Dispatcher(vehicle, history, stop, seed) for vehicle in centre.vehicles]
    try:
        for person in people:
            person.start()
        time.sleep(AT_WORK_S)
        drives = [Drive(vehicle, crew, lane, history, stop) for vehicle, crew, lane in zip(centre.vehicles, crews, lanes_of)]
        for drive in drives:
            drive.start()
        for drive in drives:
            drive.join()
    finally:
        stop.set()
    for person in people:
        person.join()
    for vehicle in centre.vehicles:
        vehicle.line.mend()
        vehicle.line.lose(0.0)
    settle(centre, crews, history, folder)
    for vehicle in centre.vehicles:
        vehicle.agent.stop()
    return positions_in_the_end(centre)


def run(arguments, seed, make_ground, kind):
    folder = arguments.folder.resolve()
    lanes_of = lanes(kind, seed, make_ground is InNamespaces, arguments.only)
    units = [f"A{number:02}" for number in range(1, len(lanes_of) + 1)]
    with make_ground(units) as ground:
        centre = Centre(folder, arguments.binaries, units, ground, seed)
        centre.make()
        history = History(folder / "history.jsonl")
        with Receiver(ground.cabin, centre.receiver):
            try:
                centre.start()
                positions = work(centre, lanes_of, history, seed, folder)
            finally:
                centre.stop()
        journal = checker.read_journal(centre.journal)
    lines, events = laws.read(folder), [json.loads(row[3]) for row in journal]
    wrong = checker.check_chain(journal) + laws.check(lines, events, gap_is_law=not arguments.short)
    return rows(lines, events, positions), wrong


def ground_for(arguments):
    if arguments.loopback:
        return OnLoopback
    try:
        need()
    except NoNamespaces as lack:
        print(f"no namespaces, so no address changes and no modem goes off: {lack}", file=sys.stderr)
        return OnLoopback
    return InNamespaces


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd, vehicle-agent and sim")
    parser.add_argument("--folder", type=Path, required=True, help="must not exist yet")
    parser.add_argument("--seed", type=int, help="for the rests, the chances of the lines, and what people do when")
    parser.add_argument("--short", action="store_true", help="less than a minute; the gap is told and judged by nobody")
    parser.add_argument("--only", help="only troubles with this in their name")
    parser.add_argument("--loopback", action="store_true", help="no namespaces, whatever this machine makes")
    parser.add_argument("--json", type=Path, help="write the rows there, too")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(2**32)
    # So that whoever ends a campaign does not leave its networks behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begun = time.time()
    print(f"link campaign, seed {seed}", flush=True)
    table, wrong = run(arguments, seed, ground_for(arguments), SHORT if arguments.short else LONG)
    print_table(table)
    print(f"laws broken: {len(wrong)}; {time.time() - begun:.0f} s, seed {seed}")
    for problem in wrong[:30]:
        print(f"  ✗ {problem}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({"seed": seed, "rows": table, "broken": wrong}, ensure_ascii=False, indent=1))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
