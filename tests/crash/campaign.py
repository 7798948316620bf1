"""A crash campaign: desks work and vehicles listen, while leader, follower and PostgreSQL are killed, suspended and cut off at moments of
chance, over lines that lose and reorder. In the end an independent checker says whether anything that was acknowledged is lost. Prints a table; ends with 1 when something is wrong.

    python3 tests/crash/campaign.py --binaries target/debug --folder target/crash --kills 20
    python3 tests/crash/campaign.py --binaries target/debug --folder target/crash --kills 500      # goes on where it was
"""

import argparse
import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import checker
from clients import BusyTelephone, Desk, History, Telephone, Watch, ask
from machine import Centre, Postgres
from patroni import Patroni
from wires import Wires

READY_S = 90
LEVEL_S = 30
# Of thirteen: a process that is killed, one that is suspended, cables that are cut.
LOTS = ["leader"] * 4 + ["follower"] * 2 + ["postgres"] * 2 + ["pause", "pause", "database", "island", "split"]
UNITS = 4


class NotWhole(Exception):
    """The centre did not become whole again."""


def standing(centre, node):
    status, answer = ask(centre.api(node) + "/api/v1/leadership", timeout=1)
    return answer["state"] if status == 200 else None


def wait_until_whole(centre):
    """Waits until one node leads with PostgreSQL and the other follows; which one leads."""
    begun = time.time()
    while time.time() - begun < READY_S:
        for program in centre.nodes:
            if not program.runs():
                program.start()
        states = [standing(centre, node) for node in (0, 1)]
        if sorted(map(str, states)) == ["follower", "normal"]:
            return states.index("normal")
        time.sleep(0.05)
    raise NotWhole(f"the centre is not whole again after {READY_S} s: the nodes say {states}; see {centre.folder}/node-*.log")


def bring_in(centre, leader, history):
    """What an island wrote and the leader lacks is brought in by a person, with one action for each stretch."""
    begun = time.time()
    while time.time() - begun < READY_S:
        _, standing_now = ask(centre.api(leader) + "/api/v1/leadership", timeout=2)
        if not standing_now or not standing_now["aside"]:
            return
        status, answer = ask(centre.api(leader) + "/api/v1/leadership/bring-in", {}, f"bring-in-{time.time_ns()}", timeout=30)
        if status == 200:
            history.note(kind="brought_in", **{name: answer[name] for name in ("matters", "events", "left_out", "repeated")})
        time.sleep(0.2)
    raise NotWhole("what is aside cannot be brought in")


def wait_until_level(centre):
    """Waits until nobody writes any more and both journals and PostgreSQL end at the same event, as far as they ever will."""
    begun = time.time()
    while time.time() - begun < LEVEL_S:
        wait_until_whole(centre)
        shared = centre.postgres.ask("select coalesce(max(seq), 0) from events")
        ends = {int(shared), *(len(checker.read_journal(centre.folder / f"data-{number}" / "journal.sqlite")) for number in (1, 2))}
        if len(ends) == 1:
            return
        time.sleep(0.2)


def man_the_units(centre, leader):
    """Starts the ambulances once the centre knows them, and signs a crew on at each terminal."""
    begun = time.time()
    while time.time() - begun < READY_S:
        _, units = ask(centre.api(leader) + "/api/v1/units")
        if units and {unit["id"] for unit in units["items"]} >= set(centre.units):
            break
        time.sleep(0.1)
    for agent in centre.agents:
        agent.start()
    for unit in centre.units:
        for name, role in [("李强", "driver"), ("赵敏", "doctor")]:
            while time.time() - begun < READY_S:
                status, _ = ask(centre.terminal(unit) + "/api/crew/sign-on", {"name": name, "role": role}, "sign-on", timeout=2)
                # 409: signed on before, in the part of the campaign that went before.
                if status in (200, 409):
                    break
                time.sleep(0.1)


def wait_for(condition, seconds=READY_S):
    begun = time.time()
    while time.time() - begun < seconds:
        if condition():
            return
        time.sleep(0.02)


def kill(centre, wires, victim, leader, history):
    """Does one harm, and leaves what it takes for the centre to become whole again."""
    history.note(kind="kill", victim=victim, node=leader + 1)
    own, other = leader + 1, 2 - leader
    if victim == "postgres":
        history.note(kind="postgres", how=centre.postgres.harm())
    elif victim == "leader":
        centre.nodes[leader].kill()
        wait_for(lambda: standing(centre, 1 - leader) == "normal")
        centre.nodes[leader].start()
    elif victim == "follower":
        centre.nodes[1 - leader].kill()
        centre.nodes[1 - leader].start()
    elif victim == "pause":
        # Longer than a lease, shorter than those wait who asked it something.
        centre.nodes[leader].pause(random.uniform(3.4, 4.8))
    elif victim == "database":
        wires.cut(f"database-{own}")
        time.sleep(random.uniform(1.0, 4.0))
    elif victim == "island":
        wires.cut(f"database-{own}", "peer-1", "peer-2")
        time.sleep(random.uniform(2.0, 6.0))
    elif victim == "split":
        # Nobody reaches PostgreSQL and the follower grants; then the leader loses everybody, and the follower sees PostgreSQL again.
        wires.cut("database-1", "database-2")
        wait_for(lambda: standing(centre, leader) == "journal", 5)
        wires.cut("peer-1", "peer-2")
        wires.cables[f"database-{other}"].is_cut = False
        time.sleep(random.uniform(5.0, 8.0))
    wires.mend()


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


def report(folder, wrong):
    history = checker.read_history(folder / "history.jsonl")
    kills = Counter(line["victim"] for line in history if line["kind"] == "kill")
    acknowledged = sum(1 for line in history if line["kind"] == "answer" and line["status"] < 300)
    unknown = sum(1 for line in history if line["kind"] == "no_answer")
    orders = [line["after_s"] for line in history if line["kind"] == "arrived"]
    spans = sorted(take_overs(history))
    states = sorted({line["state"] for line in history if line["kind"] == "state" and line["state"]})
    rows = [
        ("SIGKILL of the leader", kills["leader"]),
        ("SIGKILL of the follower", kills["follower"]),
        ("SIGKILL of PostgreSQL's primary", kills["postgres"]),
        ("… its standby took its place", sum(line["kind"] == "postgres" and line["how"] == "failed over" for line in history)),
        ("leader suspended", kills["pause"]),
        ("leader cut from PostgreSQL", kills["database"]),
        ("leader cut from everybody", kills["island"]),
        ("PostgreSQL away, then the leader", kills["split"]),
        ("writes acknowledged", acknowledged),
        ("writes without an answer", unknown),
        ("island's events brought in", sum(line["events"] for line in history if line["kind"] == "brought_in")),
        ("island's events left out", sum(line["left_out"] for line in history if line["kind"] == "brought_in")),
        ("orders seen at their vehicle", len(orders)),
        ("states that nodes told", ", ".join(states)),
    ]
    normal = answers_in_normal(history)
    if normal:
        rows += [
            ("write acknowledged in NORMAL, median", f"{1000 * statistics.median(normal):.1f} ms of {len(normal)}"),
            ("write acknowledged in NORMAL, p99", f"{1000 * normal[round(0.99 * (len(normal) - 1))]:.1f} ms"),
        ]
    if spans:
        rows += [
            ("take-over, median", f"{statistics.median(spans):.2f} s"),
            ("take-over, p99", f"{spans[min(len(spans) - 1, round(0.99 * (len(spans) - 1)))]:.2f} s"),
            ("take-over, longest", f"{spans[-1]:.2f} s"),
        ]
    rows.append(("laws broken", len(wrong)))
    for what, value in rows:
        print(f"{what:<40}{value}")
    for problem in wrong[:20]:
        print(f"  ✗ {problem}")
    (folder / "campaign.json").write_text(json.dumps([{"what": what, "value": value} for what, value in rows], ensure_ascii=False, indent=1))


def work(centre, wires, history, stop, before, arguments):
    """Starts everything, does harm after harm, and lets those who work finish."""
    centre.postgres.start()
    centre.nodes[0].start()
    leader = wait_until_whole(centre)
    man_the_units(centre, leader)
    history.note(kind="whole")
    Watch(centre, history, stop).start()
    desks = [Desk(centre, history, unit, stop) for unit in centre.units] + [Telephone(centre, history, "telephone", stop)]
    desks += [BusyTelephone(centre, history, f"busy-{number}", stop) for number in range(arguments.busy)]
    for desk in desks:
        desk.start()
    for number in range(before + 1, arguments.kills + 1):
        time.sleep(random.uniform(0.0, 2.0))
        victim = random.choice(arguments.only or LOTS)
        kill(centre, wires, victim, leader, history)
        leader = wait_until_whole(centre)
        if victim in ("island", "split"):
            # A node that does not lead says every second what waits there.
            time.sleep(1.5)
            bring_in(centre, leader, history)
        history.note(kind="whole")
        print(f"  {number}/{arguments.kills}: {victim}, node {leader + 1} leads", flush=True)
    stop.set()
    for desk in desks:
        desk.join()
    wait_until_level(centre)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd, vehicle-agent and sim")
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept; a campaign that is there goes on")
    parser.add_argument("--kills", type=int, default=20, help="kills in all, those before among them")
    parser.add_argument("--seed", type=int, default=None, help="for the victims and moments; what comes of them is the machine's")
    parser.add_argument("--busy", type=int, default=0, help="telephones that ring without a pause")
    parser.add_argument("--only", nargs="*", choices=sorted(set(LOTS)), help="only these harms")
    parser.add_argument("--patroni", action="store_true", help="a primary and its synchronous standby under Patroni and etcd, in place of one PostgreSQL")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(2**32)
    random.seed(seed)
    kind = Patroni if arguments.patroni else Postgres
    folder, ports_file = arguments.folder, arguments.folder / "ports.json"
    if ports_file.exists():
        centre = Centre(folder, arguments.binaries, UNITS, json.loads(ports_file.read_text()), kind)
    else:
        centre = Centre(folder, arguments.binaries, UNITS, postgres=kind)
        centre.make()
        ports_file.write_text(json.dumps(centre.ports))
    before = sum(1 for line in checker.read_history(folder / "history.jsonl") if line["kind"] == "kill") if (folder / "history.jsonl").exists() else 0
    print(f"crash campaign, seed {seed}, {before} kills before, {arguments.kills} wanted", flush=True)
    wires = Wires(seed)
    wires.start()
    wires.ready.wait()
    centre.lay(wires)
    history, stop, stuck = History(folder / "history.jsonl"), threading.Event(), []
    try:
        try:
            work(centre, wires, history, stop, before, arguments)
        except NotWhole as problem:
            stuck.append(str(problem))
        # As they are, in the middle of what they do.
        for program in [*centre.agents, *centre.nodes]:
            if program.runs():
                program.kill()
        shared = centre.postgres.ask("select seq || ' ' || encode(hash, 'hex') from events order by seq desc limit 1").split()
    finally:
        stop.set()
        centre.stop()
    wrong = stuck + checker.check(folder, (int(shared[0]), shared[1]))
    report(folder, wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
