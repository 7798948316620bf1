"""A fleet that loses its centre: thousands of vehicles linked to the leader of two nodes, which is killed. How long until every one of them
reports to the other node, and what that costs; then the same after a planned hand-over. Prints a table, writes it as JSON; ends with 1 when they
do not all come back.

    python3 tests/load/reconnect.py --binaries target/release --folder target/bench/reconnect --count 5000
"""

import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

from clients import ask
from fleet import Fleet, Usage, enlist
from machine import Centre, free_port

READY_S = 120
BACK_S = 120
SETTLED_S = 5
LOOK_S = 0.25


def ports():
    """Of a centre without cables: each node speaks straight to PostgreSQL and to the other."""
    peer = [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)]
    postgres = free_port()
    return {
        "api": [free_port(), free_port()],
        "link": [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)],
        "peer": peer,
        "terminal": [free_port()],
        "postgres": postgres,
        "database_cable": [[postgres], [postgres]],
        "peer_cable": [peer[1], peer[0]],
    }


class Rig:
    def __init__(self, options):
        self.options, self.folder = options, Path(options.folder).resolve()
        self.centre = Centre(self.folder, options.binaries, 1, ports())
        self.fleet, self.rows = None, []

    def state(self, node):
        status, answer = ask(self.centre.api(node) + "/api/v1/leadership", timeout=2)
        return answer["state"] if status == 200 else None

    def wait_for(self, what, condition, seconds=READY_S):
        begun = time.time()
        while time.time() - begun < seconds:
            if condition():
                return time.time() - begun
            time.sleep(LOOK_S)
        raise SystemExit(f"waited {seconds} s for {what}; see {self.folder}; the fleet says {self.fleet.last if self.fleet else None}")

    def connected(self, node):
        """As the node counts them."""
        try:
            with urllib.request.urlopen(self.centre.api(node) + "/metrics", timeout=2) as answer:
                lines = [line for line in answer.read().decode().splitlines() if line.startswith("jichi_vehicles_connected_items")]
                return int(float(lines[0].rsplit(" ", 1)[1])) if lines else 0
        except OSError:
            return -1

    def start(self):
        self.centre.make()
        for number in (1, 2):
            enlist(self.centre.config(number), self.options.count)
        self.centre.postgres.start()
        self.centre.nodes[0].start()
        self.wait_for("the first node to lead", lambda: self.state(0) == "normal")
        self.centre.nodes[1].start()
        self.wait_for("the second node to follow", lambda: self.state(1) == "follower")
        last = f"{self.centre.api(0)}/api/v1/units/V{self.options.count:05}"
        self.wait_for("the units to be on record", lambda: ask(last, timeout=10)[0] == 200)
        command = [self.centre.binaries / "sim", "vehicles", "--authority", self.folder / "certificates", "--count", self.options.count]
        for port in self.centre.ports["link"]:
            command += ["--link", f"127.0.0.1:{port}"]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.fleet = Fleet(process, self.folder / "fleet.jsonl")
        self.fleet.start()
        self.row("first time: until all are linked", self.wait_for("the fleet", lambda: self.connected(0) == self.options.count), "s")
        time.sleep(SETTLED_S)

    def row(self, what, value, unit):
        self.rows.append({"what": what, "value": value, "unit": unit, "peer": None, "ratio": None})
        print(f"{what:<56}{value:>9.2f} {unit}", flush=True)

    def first_call(self, node, begun):
        """When the node takes its first call, asked without a pause."""
        body = {"source": "telephone", "phone": "13800000000", "text_only": False, "place": {"position": None, "address": "x", "waiting_place": ""}}
        key = str(uuid.uuid4())
        while time.time() - begun < BACK_S:
            status, _ = ask(self.centre.api(node) + "/api/v1/calls", body, key, timeout=2)
            if status is not None and status < 300:
                return time.time() - begun
            time.sleep(0.05)
        raise SystemExit("nobody takes calls")

    def come_back(self, title, to, begun):
        """Follows the fleet to the node `to`, from the moment that its centre was lost."""
        usage, count = Usage(self.centre.nodes[to].process.pid), self.options.count
        cpu_before, positions_before, attempts_before = usage.cpu_s(), self.fleet.last["positions"], self.fleet.last["attempts"]
        self.row(f"{title}: until a call is taken", self.first_call(to, begun), "s")
        half, worst_call_s = None, 0.0
        while (now := self.connected(to)) < count:
            if half is None and now >= count / 2:
                half = time.time() - begun
            asked = time.time()
            self.first_call(to, asked)
            worst_call_s = max(worst_call_s, time.time() - asked)
            if time.time() - begun > BACK_S:
                raise SystemExit(f"{now} of {count} are back after {BACK_S} s; the fleet says {self.fleet.last}")
            time.sleep(LOOK_S)
        all_back = time.time() - begun
        # Each has been welcomed; one report of each is a second at most.
        self.wait_for("a report of each", lambda: self.fleet.linked() == count and self.fleet.last["positions"] - positions_before > count)
        self.row(f"{title}: until half are linked", half or all_back, "s")
        self.row(f"{title}: until all are linked", all_back, "s")
        self.row(f"{title}: until all report", time.time() - begun, "s")
        self.row(f"{title}: attempts for each vehicle", (self.fleet.last["attempts"] - attempts_before) / count, "")
        self.row(f"{title}: the longest wait of a call meanwhile", worst_call_s * 1e3, "ms")
        self.row(f"{title}: processor time of the node", usage.cpu_s() - cpu_before, "s")
        self.row(f"{title}: resident memory of the node", usage.resident_mb(), "MB")
        time.sleep(SETTLED_S)

    def run(self):
        self.start()
        killed = time.time()
        self.centre.nodes[0].kill()
        self.come_back("leader killed", 1, killed)
        self.centre.nodes[0].start()
        self.wait_for("the killed node to follow", lambda: self.state(0) == "follower")
        ordered = time.time()
        status, answer = ask(self.centre.api(1) + "/api/v1/leadership/hand-over", {}, str(uuid.uuid4()))
        if status is None or status >= 300:
            raise SystemExit(f"no hand-over: {status} {answer}")
        self.come_back("hand-over", 0, ordered)

    def stop(self):
        if self.fleet is not None:
            self.fleet.process.kill()
            self.fleet.process.wait()
        self.centre.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd and sim")
    parser.add_argument("--folder", type=Path, required=True, help="must not exist yet")
    parser.add_argument("--count", type=int, default=5000, help="vehicles")
    parser.add_argument("--json", type=Path, default=Path("target/bench/reconnect.json"))
    rig = Rig(parser.parse_args())
    try:
        rig.run()
    finally:
        rig.stop()
    rig.options.json.parent.mkdir(parents=True, exist_ok=True)
    rig.options.json.write_text(json.dumps(rig.rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
