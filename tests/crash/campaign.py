"""A crash campaign: desks work and vehicles listen, while leader, follower and PostgreSQL are killed, suspended and cut off at moments of
chance, over lines that lose and reorder. In the end an independent checker says whether anything that was acknowledged is lost. Prints a table; ends with 1 when
something is wrong, with 2 when the machine lacks what it takes. With --namespaces each machine of the centre has a network of its own, and lines are cut one way too.

    python3 tests/crash/campaign.py --binaries target/debug --folder target/crash --kills 20
    python3 tests/crash/campaign.py --binaries target/debug --folder target/crash --kills 500      # goes on where it was
"""

import argparse
import contextlib
import json
import random
import signal
import sys
import threading
import time
from pathlib import Path

import checker
from clients import BusyTelephone, Desk, History, Telephone, Watch, ask
from harms import IN_NAMESPACES, LEAVE_ASIDE, NAMES, ON_LOOPBACK, READY_S, VEHICLES_CUT_OFF, do_harm, standing, wait_for
from machine import Centre, Postgres
from namespaces import Namespaces, NoNamespaces
from patroni import Patroni
from receiver import Receiver
from report import report
from wires import Wires

LEVEL_S = 30
# A vehicle waits up to 12 s before it tries an address, and has two.
HEARD_WITHIN_S = 60
UNITS = 4


class NotWhole(Exception):
    """The centre did not become whole again."""


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
    """What an island wrote and the leader lacks is brought in by a person."""
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


def is_heard(centre, node, unit, since):
    """Whether a node has the unit's link, and a position from after `since`."""
    status, told = ask(f"{centre.api(node)}/api/v1/units/{unit}", timeout=2)
    return status == 200 and told["link"] == "up" and told["position"] and told["position"]["at"] > since


def hear_the_vehicles(centre, history):
    """After they were cut off: whoever leads hears each of them again."""
    begun, silent = time.time(), set(centre.units)
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(begun))
    while silent and time.time() - begun < HEARD_WITHIN_S:
        leaders = [node for node in (0, 1) if standing(centre, node) == "normal"]
        for unit in [unit for unit in silent if any(is_heard(centre, node, unit, since) for node in leaders)]:
            history.note(kind="heard", unit=unit, after_s=time.time() - begun)
            silent.remove(unit)
        time.sleep(0.1)
    for unit in silent:
        history.note(kind="silent", unit=unit, after_s=time.time() - begun)


def let_both_lead(centre, leader, history):
    """Hands over and back: whatever was cut, in the end either node leads with PostgreSQL."""
    for own in (leader, 1 - leader):
        begun, other = time.time(), 1 - own
        while standing(centre, other) != "normal":
            if time.time() - begun > READY_S:
                raise NotWhole(f"node {other + 1} does not lead {READY_S} s after a hand-over; see {centre.folder}/node-*.log")
            if standing(centre, own) == "normal":
                # Refused where the other one does not reach PostgreSQL, which may have died a moment ago.
                ask(centre.api(own) + "/api/v1/leadership/hand-over", {}, f"hand-over-{time.time_ns()}", timeout=30)
            time.sleep(0.2)
        history.note(kind="handed_over", node=other + 1, after_s=time.time() - begun)
        wait_until_whole(centre)


def one_harm(centre, victim, history):
    """Harms the centre and sees it whole again, with all that belongs to it; which node leads then."""
    do_harm(centre, victim, wait_until_whole(centre), history)
    leader = wait_until_whole(centre)
    if victim in LEAVE_ASIDE:
        # A node that does not lead says every second what waits there; and one that a cut left the lead may give it up yet.
        time.sleep(1.5)
        leader = wait_until_whole(centre)
    # A leader that died leaves behind what it had decided and nobody acknowledged: somebody looks at it sooner or later.
    bring_in(centre, leader, history)
    if victim in VEHICLES_CUT_OFF:
        hear_the_vehicles(centre, history)
    history.note(kind="whole")
    return leader


def do_harms(centre, history, before, arguments):
    lots = arguments.only or (IN_NAMESPACES if arguments.namespaces else ON_LOOPBACK)
    for number in range(before + 1, arguments.kills + 1):
        time.sleep(random.uniform(0.0, 2.0))
        victim = lots[(number - 1) % len(lots)] if arguments.in_turn else random.choice(lots)
        leader = one_harm(centre, victim, history)
        print(f"  {number}/{arguments.kills}: {victim}, node {leader + 1} leads", flush=True)
    let_both_lead(centre, wait_until_whole(centre), history)


def work(centre, history, stop, before, arguments):
    """Starts everything, does harm after harm, and lets those who work finish."""
    centre.postgres.start()
    centre.nodes[0].start()
    man_the_units(centre, wait_until_whole(centre))
    history.note(kind="whole")
    Watch(centre, history, stop).start()
    desks = [Desk(centre, history, unit, stop) for unit in centre.units] + [Telephone(centre, history, "telephone", stop)]
    desks += [BusyTelephone(centre, history, f"busy-{number}", stop) for number in range(arguments.busy)]
    for desk in desks:
        desk.start()
    stuck = None
    try:
        do_harms(centre, history, before, arguments)
    except NotWhole as problem:
        stuck = problem
    # A request that nobody saw the end of is in no history: the checker would take its call for one too many.
    stop.set()
    for desk in desks:
        desk.join()
    if stuck:
        raise stuck
    wait_until_level(centre)


def known_ports(arguments):
    """Those of the campaign that is in the folder; `None` when there is none."""
    file = arguments.folder / "ports.json"
    if not file.exists():
        return None
    ports = json.loads(file.read_text())
    if ("network" in ports) != arguments.namespaces:
        raise SystemExit(f"the campaign in {arguments.folder} is one {'without' if arguments.namespaces else 'with'} --namespaces: take another folder")
    return ports


def centre_of(arguments, ground):
    """The centre that is in the folder, or a new one."""
    ports = known_ports(arguments)
    centre = Centre(arguments.folder, arguments.binaries, UNITS, ports, Patroni if arguments.patroni else Postgres, ground)
    if ports is None:
        centre.make()
        (arguments.folder / "ports.json").write_text(json.dumps(centre.ports))
    return centre


def run(arguments, seed, ground):
    """The campaign on its ground; all that is wrong in the end."""
    folder = arguments.folder
    centre = centre_of(arguments, ground)
    before = sum(1 for line in checker.read_history(folder / "history.jsonl") if line["kind"] == "kill") if (folder / "history.jsonl").exists() else 0
    print(f"crash campaign, seed {seed}, {before} kills before, {arguments.kills} wanted", flush=True)
    centre.lay_cables()
    history, stop, stuck = History(folder / "history.jsonl"), threading.Event(), []
    try:
        try:
            with Receiver(ground.here, centre.ports.get("receiver", 0)):
                work(centre, history, stop, before, arguments)
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
    return stuck + checker.check(folder, (int(shared[0]), shared[1]))


def ground_of(arguments, seed):
    ports = known_ports(arguments)
    return Namespaces(ports and ports["network"]) if arguments.namespaces else Wires(seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd, vehicle-agent and sim")
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept; a campaign that is there goes on")
    parser.add_argument("--kills", type=int, default=20, help="kills in all, those before among them")
    parser.add_argument("--seed", type=int, default=None, help="for the victims and moments; what comes of them is the machine's")
    parser.add_argument("--busy", type=int, default=0, help="telephones that ring without a pause")
    parser.add_argument("--only", nargs="*", choices=sorted(NAMES), help="only these harms")
    parser.add_argument("--in-turn", action="store_true", help="harms one after the other in place of by chance")
    ground = parser.add_mutually_exclusive_group()
    ground.add_argument("--patroni", action="store_true", help="a primary and its synchronous standby under Patroni and etcd, in place of one PostgreSQL")
    ground.add_argument("--namespaces", action="store_true", help="a network namespace for each machine, cut by nftables; as root")
    arguments = parser.parse_args()
    if not arguments.namespaces and set(arguments.only or []) - set(ON_LOOPBACK):
        parser.error(f"on the loopback there are {', '.join(sorted(set(ON_LOOPBACK)))}; the others want --namespaces")
    seed = arguments.seed if arguments.seed is not None else random.randrange(2**32)
    random.seed(seed)
    # So that whoever ends a campaign does not leave its networks behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        try:
            ground = stack.enter_context(ground_of(arguments, seed))
        except NoNamespaces as lack:
            print(f"no namespaces: {lack}", file=sys.stderr)
            return 2
        wrong = run(arguments, seed, ground)
    report(arguments.folder, wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
