"""What it costs to take in a whole fleet: vehicles that tell where they are once a second, over mutual TLS, first to Mosquitto with a subscriber, then to
`dispatchd`, in the same run, each on a core of its own with those who make the load on another. Processor time for 1,000 messages, memory
for each vehicle, and how long a position is under way to somebody who looks. Prints a table, writes it as JSON; ends with 1 when a fleet was not
there as a whole.

    python3 tests/link/ingest.py --binaries target/release --folder target/bench/ingest --count 5000
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "crash"), str(HERE.parent / "load")]

from broker import Broker, missing, summary
from fleet import Fleet, Usage, enlist
from overload import Centre, on_core
from people import seconds_of
from reader import TEXT, Screen

LINKED_WITHIN_S = 180
SETTLE_S = 5
# What was sent in the time, of what should have been.
SUSTAINED = 0.98


class Console(Screen):
    """A console that reads live and says how old each position was when it was shown."""

    def __init__(self, host, port):
        super().__init__(host, port)
        self.delays_s = []

    def message(self):
        kind, data = super().message()
        now = time.time()
        if kind == TEXT and b'"positions"' in data[:200]:
            frame = json.loads(data)
            self.delays_s += [now - seconds_of(item["at"]) for item in frame["data"]["items"]]
        return kind, data


class Side:
    """One of the two: what takes in, and who tells it."""

    def __init__(self, name, usages, command, core, folder):
        self.name, self.usages = name, usages
        self.before_mb = sum(usage.resident_mb() for usage in usages)
        process = subprocess.Popen(on_core(core, command), stdout=subprocess.PIPE, stderr=open(folder / f"{name}-fleet.log", "wb"), text=True)
        self.fleet = Fleet(process, folder / f"{name}-fleet.jsonl")
        self.fleet.start()

    def wait_until_linked(self, count):
        begun = time.time()
        while self.fleet.linked() < count:
            if time.time() - begun > LINKED_WITHIN_S or self.fleet.process.poll() is not None:
                raise SystemExit(f"{self.name}: {self.fleet.linked()} of {count} are linked after {time.time() - begun:.0f} s")
            time.sleep(0.2)
        self.ramp_s = time.time() - begun
        time.sleep(SETTLE_S)

    def measure(self, count, seconds):
        """Processor time for 1,000 messages of each process, and memory for each vehicle."""
        sent, cpu, begun = self.next_told(), [usage.cpu_s() for usage in self.usages], time.time()
        time.sleep(seconds)
        self.sent = self.next_told() - sent
        self.share = self.sent / (count * (time.time() - begun))
        self.cpu_ms = [1e6 * (usage.cpu_s() - before) / self.sent for usage, before in zip(self.usages, cpu)]
        self.memory_kb = 1024 * (sum(usage.resident_mb() for usage in self.usages) - self.before_mb) / count
        return self

    def next_told(self):
        """How many were sent, at the moment when the fleet tells it: it does so once a second."""
        before = self.fleet.last
        while self.fleet.last is before:
            time.sleep(0.005)
        return self.fleet.last["positions"]

    def stop(self):
        self.fleet.process.kill()
        self.fleet.process.wait()


def mosquitto(options, centre, count, cores):
    """The peer; `None` where it is not installed."""
    lacks = missing()
    if lacks:
        print(f"the peer is left out: apt-get install {' '.join(lacks)}", file=sys.stderr)
        return None
    certificates = centre.folder / "certificates"
    broker = Broker(options.folder, certificates, cores[0])
    broker.start()
    command = [sys.executable, HERE / "publisher.py", "--port", broker.vehicles, "--certificates", certificates, "--unit", certificates / "A01", "--count", count]
    side = None
    try:
        side = Side("mosquitto", broker.usage(), command, cores[1], options.folder)
        side.wait_until_linked(count)
        side.measure(count, options.seconds)
        side.delay_ms = summary(broker.delays_s(options.seconds / 2))
        return side
    finally:
        if side:
            side.stop()
        broker.stop()


def ours(options, centre, count, cores):
    enlist(centre.folder / "centre.toml", count)
    centre.start()
    command = [centre.binaries / "sim", "vehicles", "--link", centre.link, "--authority", centre.folder / "certificates", "--count", count]
    side = None
    try:
        side = Side("dispatchd", [Usage(centre.program.process.pid)], command, cores[1], options.folder)
        side.wait_until_linked(count)
        side.measure(count, options.seconds)
        host, port = centre.api.split(":")
        console = Console(host, int(port))
        console.start()
        time.sleep(2)
        console.delays_s.clear()
        time.sleep(options.seconds / 2)
        console.stop.set()
        side.delay_ms = summary(sorted(console.delays_s))
        side.dropped = centre.metric("jichi_positions_dropped_total")
        return side
    finally:
        if side:
            side.stop()
        centre.program.stop()


def table(mine, peer):
    """(what, ours, peer's, unit)."""
    found = [
        ("processor time for 1,000 messages", sum(mine.cpu_ms), peer and sum(peer.cpu_ms), "ms"),
        ("… of the broker alone", None, peer and peer.cpu_ms[0], "ms"),
        ("… of the subscriber", None, peer and peer.cpu_ms[1], "ms"),
        ("memory for each vehicle", mine.memory_kb, peer and peer.memory_kb, "kB"),
        ("until all are linked", mine.ramp_s, peer and peer.ramp_s, "s"),
        ("under way to somebody who looks, median", mine.delay_ms[0], peer and peer.delay_ms[0], "ms"),
        ("under way to somebody who looks, p99", mine.delay_ms[1], peer and peer.delay_ms[1], "ms"),
        ("messages sent, of those due", 100 * mine.share, peer and 100 * peer.share, "%"),
        ("positions dropped", mine.dropped, None, ""),
    ]
    return [row for row in found if row[1] is not None or row[2] is not None]


def print_table(found, count):
    print(f"\n{f'{count} vehicles, once a second':<44}{'dispatchd':>12}{'Mosquitto':>12}{'ratio':>8}")
    for what, own, other, unit in found:
        words = [f"{value:.1f}" if value is not None else "–" for value in (own, other)]
        ratio = f"{other / own:.2f}" if own and other else ""
        print(f"{what:<44}{words[0]:>12}{words[1]:>12}{ratio:>8} {unit}")


def run(options):
    cores = sorted(os.sched_getaffinity(0))
    cores = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
    centre, count = Centre(options.folder / "centre", options.binaries, cores[0]), options.count
    centre.make()
    peer = mosquitto(options, centre, count, cores)
    while peer and peer.share < SUSTAINED and count > 100:
        count //= 2
        print(f"the publisher sustained {peer.share:.0%} of what was due: both are measured with {count}", flush=True)
        peer = mosquitto(options, centre, count, cores)
    mine = ours(options, centre, count, cores)
    found = table(mine, peer)
    print_table(found, count)
    rows = [{"what": what, "value": own, "unit": unit, "peer": other, "ratio": other / own if own and other else None} for what, own, other, unit in found]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps([{"what": "vehicles", "value": count, "unit": "", "peer": None, "ratio": None}, *rows], ensure_ascii=False, indent=1))
    return 0 if mine.share >= SUSTAINED else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd and sim")
    parser.add_argument("--folder", type=Path, required=True, help="must not exist yet")
    parser.add_argument("--count", type=int, default=5000, help="vehicles")
    parser.add_argument("--seconds", type=float, default=20, help="of each side")
    parser.add_argument("--json", type=Path, default=Path("target/bench/ingest.json"))
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True)
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
