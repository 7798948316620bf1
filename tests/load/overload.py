"""Overload: a real centre under floods, one after the other and all at once, and what a dispatcher waits for meanwhile, against the same wait
when it is idle, in the same run. In the end a checker compares what clients were told with the journal. Prints a table, writes it as JSON; ends
with 1 when something that was acknowledged is lost, or a flood went unnamed, or somebody else was not served.

    python3 tests/load/overload.py --binaries target/release --folder target/bench/overload --seconds 20
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))

import checker
from machine import Program, free_port, set_key
from reader import Screen

FLOODS = Path(__file__).resolve().parent / "floods.py"
PROBED = ["A01", "A02", "A03", "A04"]
HOSTILE = "A05"
PHASES = [
    ("idle", []),
    ("ten times the calls", ["calls"]),
    ("text calls of one source", ["texts"]),
    ("screens that read nothing", ["readers"]),
    ("a vehicle's garbage", ["garbage"]),
    ("all at once", ["calls", "texts", "readers", "garbage"]),
    ("idle again", []),
]
TIMES = ["order", "order_acknowledged", "proposal", "position_to_proposal", "call"]
READY_S = 60


class Centre:
    """One node on a generated city."""

    def __init__(self, folder, binaries, core):
        self.folder, self.binaries = Path(folder).resolve(), Path(binaries).resolve()
        self.api, self.link = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        command = [self.binaries / "dispatchd", "serve", "--config", self.folder / "centre.toml"]
        self.program = Program("dispatchd", on_core(core, command), self.folder / "dispatchd.log")

    def make(self):
        self.folder.mkdir(parents=True)
        city = [self.binaries / "sim", "city", "--seed", "7", "--units", "8", "--out", self.folder]
        subprocess.run(city, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = (self.folder / "centre.toml").read_text()
        for section, key, value in [("api", "listen", f'"{self.api}"'), ("vehicles", "listen", f'"{self.link}"')]:
            text = set_key(text, section, key, value)
        (self.folder / "centre.toml").write_text(text)
        made = [self.binaries / "dispatchd", "issue-certificate", "--config", "centre.toml", "--unit", "A01", "--out", "certificates/A01"]
        subprocess.run(made, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.program.start()
        begun = time.time()
        while time.time() - begun < READY_S:
            try:
                return self.read("/readyz")
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the centre is not ready: see {self.program.log}")

    def read(self, path):
        with urllib.request.urlopen(f"http://{self.api}{path}", timeout=10) as answer:
            return answer.read().decode()

    def metric(self, name, label=""):
        lines = (line for line in self.read("/metrics").splitlines() if line.startswith(name) and label in line)
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def resident_mb(self):
        status = Path(f"/proc/{self.program.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def on_core(core, command, niceness=0):
    pinned = [] if core is None else ["taskset", "-c", str(core)]
    return [*pinned, *(["nice", "-n", str(niceness)] if niceness else []), *map(str, command)]


class Campaign:
    def __init__(self, options):
        cores = sorted(os.sched_getaffinity(0))
        pinned = options.pin and len(cores) > 1
        # The centre has a core for itself; those who flood it step back behind the one who takes the times.
        self.server_core, self.other_core = (cores[0], cores[1]) if pinned else (None, None)
        self.options, self.folder = options, Path(options.folder).resolve()
        self.centre = Centre(self.folder, options.binaries, self.server_core)
        self.sim = self.centre.binaries / "sim"
        self.bounds, self.said = [], {}
        self.phases = PHASES if options.phases == "each" else [phase for phase in PHASES if phase[0] in ("idle", "all at once", "idle again")]

    def run(self):
        self.centre.make()
        self.centre.start()
        seconds = self.options.seconds
        door = ["--link", self.centre.link, "--authority", self.folder / "certificates"]
        probe = Program("probe", on_core(self.other_core, [self.sim, "probe", *door, "--centre", f"http://{self.centre.api}",
            "--units", ",".join(PROBED), "--seconds", int(seconds * len(self.phases) + 5), "--out", self.folder / "probe.jsonl"]), self.folder / "probe.log")
        host, port = self.centre.api.split(":")
        screen = Screen(host, int(port))
        running = []
        try:
            probe.start()
            time.sleep(2)
            screen.start()
            for name, floods in self.phases:
                running = [self.flood(what, door) for what in floods]
                # What comes of the beginning is in it; what comes of the end is not.
                begun = time.time()
                time.sleep(seconds - 2)
                self.bounds.append((name, begun, time.time(), self.centre.resident_mb()))
                for what, process in running:
                    out, _ = process.communicate(timeout=60)
                    self.said[name, what] = json.loads(out.splitlines()[-1]) if out else {"died": process.returncode}
                time.sleep(max(0.0, begun + seconds - time.time()))
                print(f"  {name}: done", flush=True)
            probe.process.wait(timeout=60)
        finally:
            for _, process in running:
                if process.poll() is None:
                    process.kill()
            counted = self.counted() if self.centre.program.runs() else {}
            screen.stop.set()
            for program in (probe, self.centre.program):
                program.stop()
        return self.judge(screen, counted, probe.process.returncode)

    def flood(self, what, door):
        seconds = self.options.seconds - 2
        if what == "garbage":
            command = [self.sim, "flood", *door, "--unit", HOSTILE, "--seconds", int(seconds)]
        else:
            command = [sys.executable, FLOODS, what, "--centre", self.centre.api, "--seconds", seconds,
                "--out", self.folder / f"{what}.jsonl", "--rate", self.options.rate]
        command = on_core(self.other_core, command, niceness=15)
        log = open(self.folder / f"{what}.log", "ab")
        return what, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def counted(self):
        return {
            "text calls refused": self.centre.metric("jichi_floods_refused_total", "text-calls"),
            "vehicle's messages refused": self.centre.metric("jichi_floods_refused_total", "vehicle"),
            "bad messages of vehicles": self.centre.metric("jichi_vehicles_bad_messages_total"),
            "live readers cut off": self.centre.metric("jichi_live_dropped_total", "slow"),
            "positions dropped": self.centre.metric("jichi_positions_dropped_total"),
            "commands refused as busy": self.centre.metric("jichi_centre_commands_total", "busy"),
        }

    def judge(self, screen, counted, probe_code):
        rows, lines = [], checker.read_history(self.folder / "probe.jsonl")
        figures = {name: self.waits(lines, begun, end) for name, begun, end, _ in self.bounds}
        idle = {what: percentile(figures["idle"][what] + figures["idle again"][what], 0.99) for what in TIMES}
        print(f"\n{'':<28}{'':<22}{'n':>6}{'p50 ms':>9}{'p99 ms':>9}{'× idle':>8}{'MB':>7}")
        for name, _, _, resident_mb in self.bounds:
            for what in TIMES:
                taken = figures[name][what]
                if not taken:
                    continue
                median, late = statistics.median(taken), percentile(taken, 0.99)
                times = late / idle[what] if idle[what] else 0.0
                print(f"{name:<28}{what:<22}{len(taken):>6}{median * 1e3:>9.1f}{late * 1e3:>9.1f}{times:>8.2f}{resident_mb:>7.0f}")
                rows.append({"what": f"{name}: {what} p99", "value": late * 1e3, "unit": "ms", "peer": "idle, same run", "ratio": times})
                name_of_row = f"{name}: {what} median"
                rows.append({"what": name_of_row, "value": median * 1e3, "unit": "ms", "peer": None, "ratio": None})
            rows.append({"what": f"{name}: resident memory", "value": resident_mb, "unit": "MB", "peer": None, "ratio": None})
        for (name, what), said in self.said.items():
            print(f"  {name} / {what}: {json.dumps(said, ensure_ascii=False)}")
        for what, count in counted.items():
            print(f"  {what}: {count:.0f}")
            rows.append({"what": what, "value": count, "unit": "", "peer": None, "ratio": None})
        wrong = self.wrong(lines, screen, counted, probe_code)
        print(f"laws broken: {len(wrong)}")
        for problem in wrong[:20]:
            print(f"  ✗ {problem}")
        Path(self.options.json).parent.mkdir(parents=True, exist_ok=True)
        Path(self.options.json).write_text(json.dumps(rows, ensure_ascii=False, indent=1))
        return 1 if wrong else 0

    @staticmethod
    def waits(lines, begun, end):
        within = [line for line in lines if line["kind"] == "time" and begun <= line["at"] <= end]
        return {what: [line["took_s"] for line in within if line["what"] == what] for what in TIMES}

    def wrong(self, lines, screen, counted, probe_code):
        history = list(lines)
        for file in self.folder.glob("*.jsonl"):
            if file.name != "probe.jsonl":
                history += checker.read_history(file)
        history = [line for line in history if line["kind"] in ("answer", "no_answer")]
        rows = checker.read_journal(self.folder / "data" / "journal.sqlite")
        facts = [json.loads(row[3])["fact"] for row in rows]
        wrong = checker.check_chain(rows) + checker.check_answers(history, facts, []) + checker.check_once(history, facts) + checker.check_units(facts)
        wrong += [f"{name}: nobody was served" for name, *bounds in self.bounds if not self.waits(lines, *bounds[:2])["order_acknowledged"]]
        wrong += [f"{what}: none were counted" for what, count in counted.items() if count == 0 and "dropped" not in what and "busy" not in what]
        sources = {("text-calls", "127.0.0.2"), ("vehicle", HOSTILE), ("live-readers", "127.0.0.2")}
        wrong += [f"the desk was not told of {what} from {source}" for what, source in sorted(sources - set(screen.floods))]
        if screen.ended and not screen.stop.is_set():
            wrong.append(f"a screen that reads was cut off: {screen.ended}")
        for (name, what), said in self.said.items():
            refused = [status for status in said if status.startswith("honest") and status != "honest 201"]
            if refused:
                wrong.append(f"{name}: a quiet source was refused: {refused}")
            if "died" in said:
                wrong.append(f"{name}: {what} did not run: {said}")
        if probe_code != 0:
            wrong.append(f"the probe ended with {probe_code}: {(self.folder / 'probe.log').read_text()[-300:]}")
        print(f"  a screen that reads: {screen.frames} frames, the longest pause {screen.longest_gap_s:.1f} s")
        print(f"  events on record: {len(rows)}, answers compared with them: {len(history)}")
        return wrong


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binaries", type=Path, required=True, help="folder with dispatchd and sim")
    parser.add_argument("--folder", type=Path, required=True, help="must not exist yet")
    parser.add_argument("--seconds", type=float, default=20, help="of each phase")
    parser.add_argument("--rate", type=float, default=100, help="calls a second: ten times what the largest province is designed for")
    parser.add_argument("--json", type=Path, default=Path("target/bench/overload.json"))
    parser.add_argument("--phases", choices=["each", "all"], default="each", help="each flood by itself and then all; or all at once alone")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="let the system place everything")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return Campaign(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
