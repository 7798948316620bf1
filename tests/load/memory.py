"""Whether the centre's memory stays where it is: over incidents without end at an accelerated clock, and over a large fleet that reports every
second. The centre has a core for itself. Prints its resident memory as it goes, writes it as JSON; ends with 1 when it grows on and on.

    python3 tests/load/memory.py incidents --binaries target/release --folder target/bench/memory-incidents --count 100000
    python3 tests/load/memory.py fleet --binaries target/release --folder target/bench/memory-fleet --count 10000 --minutes 30
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

from overload import Centre, on_core
from fleet import Fleet, Usage, enlist
from floods import PLACE, Line

# A thousand times faster than life: a day passes in a minute and a half, and what has ended leaves the record after one.
CLOCK_RATE = 1000
DESKS = 8
STAGES = ["acknowledged", "rolling", "on_scene"]
# The last third may end so much above where it began: allocators keep what they once had.
GROWTH_MAX = 0.05


class Run:
    def __init__(self, options):
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.other_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
        self.options, self.rows = options, []
        self.centre = Centre(options.folder, options.binaries, self.server_core)
        os.sched_setaffinity(0, {cores[-1]})

    def note(self, at, unit, **more):
        usage = Usage(self.centre.program.process.pid)
        row = {"at": at, "unit": unit, "resident_mb": usage.resident_mb(), "cpu_s": usage.cpu_s(), **more}
        self.rows.append(row)
        rest = "  ".join(f"{name} {value}" for name, value in more.items())
        print(f"{at:>9.0f} {unit:<11}{row['resident_mb']:>8.1f} MB{row['cpu_s']:>9.1f} s of processor  {rest}", flush=True)

    def verdict(self):
        """The last third: until then everything has been filled that is kept for a time, the figures of eight days the longest."""
        last = [row["resident_mb"] for row in self.rows[2 * len(self.rows) // 3 :]]
        growth = last[-1] / last[0] - 1 if last else 0.0
        print(f"the last third: from {last[0]:.1f} to {last[-1]:.1f} MB, {100 * growth:+.1f} %")
        Path(self.options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(self.options.json).write_text(json.dumps(self.rows, indent=1))
        return 1 if growth > GROWTH_MAX else 0

    def incidents(self):
        self.centre.make()
        config = self.centre.folder / "centre.toml"
        config.write_text(f"demo = true\nclock_rate = {CLOCK_RATE}.0\n{config.read_text()}")
        self.centre.start()
        asyncio.run(self.live())

    async def live(self):
        left, done = iter(range(self.options.count)), 0
        every = max(1, self.options.count // 40)

        async def desk(number):
            nonlocal done
            line = Line(self.centre.api, "127.0.0.1")
            unit, headers = f"A{number + 1:02}", [("Jichi-Person", "desk"), ("Jichi-Seat", f"M{number:02}")]

            async def write(path, body):
                status, answer = await line.ask("POST", path, body, [*headers, ("Idempotency-Key", str(uuid.uuid4()))])
                if status is None or status >= 300:
                    raise SystemExit(f"{path}: {status} {answer}")
                return answer

            for name, role in [("李强", "driver"), ("赵敏", "doctor")]:
                await write(f"/api/v1/units/{unit}/crew", {"name": name, "role": role})
            for _ in left:
                await self.one(write, unit)
                done += 1
                if done % every == 0:
                    self.note(done, "incidents", seq=json.loads(self.centre.read("/readyz"))["seq"])

        await asyncio.gather(*(desk(number) for number in range(DESKS)))

    @staticmethod
    async def one(write, unit):
        place = {**PLACE, "address": str(uuid.uuid4())}
        call = await write("/api/v1/calls", {"source": "telephone", "phone": "13800000000", "text_only": False, "place": place})
        sketch = {"call": call["id"], "complaint": "胸痛", "triage": {"level": "I", "determinant": None}, "place": place}
        incident = await write("/api/v1/incidents", sketch)
        order = await write(f"/api/v1/incidents/{incident['id']}/assignments", {"unit": unit, "reason": "试"})
        for stage in STAGES:
            await write(f"/api/v1/assignments/{order['id']}/status", {"stage": stage})
        await write(f"/api/v1/assignments/{order['id']}/status", {"outcome": "treated_on_scene", "reason": "试"})

    def fleet(self):
        self.centre.make()
        enlist(self.centre.folder / "centre.toml", self.options.count)
        self.centre.start()
        self.note(0, "s", linked=0)
        command = [self.centre.binaries / "sim", "vehicles", "--link", self.centre.link, "--authority", self.centre.folder / "certificates",
            "--count", self.options.count, "--seconds", int(self.options.minutes * 60)]
        process = subprocess.Popen(on_core(self.other_core, command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        fleet = Fleet(process, self.centre.folder / "fleet.jsonl")
        fleet.start()
        begun, every = time.time(), max(10.0, self.options.minutes * 60 / 40)
        try:
            while process.poll() is None:
                time.sleep(every)
                dropped = int(self.centre.metric("jichi_positions_dropped_total"))
                taken = int(self.centre.metric("jichi_positions_total", "current"))
                self.note(time.time() - begun, "s", linked=fleet.linked(), sent=fleet.last.get("positions", 0), taken=taken, dropped=dropped)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["incidents", "fleet"])
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd and sim")
    parser.add_argument("--folder", type=Path, required=True, help="must not exist yet")
    parser.add_argument("--count", type=int, required=True, help="incidents, or vehicles")
    parser.add_argument("--minutes", type=float, default=30, help="of the fleet")
    parser.add_argument("--json", type=Path, default=Path("target/bench/memory.json"))
    run = Run(parser.parse_args())
    try:
        run.incidents() if run.options.what == "incidents" else run.fleet()
        return run.verdict()
    finally:
        run.centre.program.stop()


if __name__ == "__main__":
    sys.exit(main())
