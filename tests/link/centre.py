"""One real centre with its second copy in PostgreSQL, where the history of positions is, and a real agent for each vehicle whose line goes through the
shaper."""

import re
import socket
import subprocess
import time
from pathlib import Path

from clients import ask
from machine import Postgres, Program, free_port, set_key
from shaper import Shaper
from wires import Loopback

READY_S = 60


class Vehicle:
    def __init__(self, centre, unit, seed):
        self.centre, self.unit, self.ground = centre, unit, centre.ground
        self.radio_port = free_port(socket.SOCK_DGRAM)
        self.line = centre.shaper.line((self.ground.radio, self.radio_port), centre.link, f"{seed} {unit}")
        command = centre.ground.inside(unit, [centre.binaries / "vehicle-agent", "--config", self.file])
        self.agent = Program(unit, command, centre.folder / f"{unit}.log")

    @property
    def file(self):
        return self.centre.folder / f"agents/{self.unit}.toml"

    @property
    def terminal(self):
        return f"http://{self.ground.terminal(self.unit)}"

    def make(self, receiver):
        text = re.sub(r"(?m)^(centre|terminal|gnss)\s*=.*\n", "", self.file.read_text())
        own = f'centre = "{self.ground.radio}:{self.radio_port}"\nterminal = "{self.ground.terminal(self.unit)}"\n'
        self.file.write_text(f'{own}gnss = "tcp://{self.ground.cabin}:{receiver}"\n{text}')

    def state(self):
        return ask(self.terminal + "/api/state", timeout=2)[1]


class Centre:
    """`api(node)`: as the clients of tests/crash ask it; there is one node."""

    def __init__(self, folder, binaries, units, ground, seed):
        self.folder, self.binaries, self.ground = Path(folder).resolve(), Path(binaries).resolve(), ground
        self.units = units
        self.door, self.link = f"127.0.0.1:{free_port()}", ("127.0.0.1", free_port(socket.SOCK_DGRAM))
        self.receiver = free_port()
        self.postgres = Postgres(self.folder / "postgres", None, Loopback())
        self.program = Program("dispatchd", [self.binaries / "dispatchd", "serve", "--config", self.config], self.folder / "dispatchd.log")
        self.shaper = Shaper()
        self.vehicles = [Vehicle(self, unit, seed) for unit in units]

    @property
    def config(self):
        return self.folder / "centre.toml"

    @property
    def journal(self):
        return self.folder / "data" / "journal.sqlite"

    def api(self, _node=0):
        return f"http://{self.door}"

    def make(self):
        self.folder.mkdir(parents=True)
        self.run_quietly("sim", "city", "--seed", "7", "--units", len(self.units), "--out", self.folder)
        (self.folder / "spool").mkdir(exist_ok=True)
        text = self.config.read_text()
        for section, key, value in [
            ("api", "listen", f'"{self.door}"'),
            ("vehicles", "listen", f'"{self.link[0]}:{self.link[1]}"'),
            ("postgres", "url", f'"{self.postgres.url()}"'),
            ("postgres", "positions_days", "1"),
        ]:
            text = set_key(text, section, key, value)
        self.config.write_text(text)
        for vehicle in self.vehicles:
            self.run_quietly("dispatchd", "issue-certificate", "--config", self.config, "--unit", vehicle.unit, "--out", self.folder / f"certificates/{vehicle.unit}")
            vehicle.make(self.receiver)
        self.postgres.make()

    def run_quietly(self, binary, *arguments):
        done = subprocess.run([self.binaries / binary, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{binary} {arguments[0]}: {done.stderr}")

    def start(self):
        self.shaper.start()
        self.postgres.start()
        self.program.start()
        self.wait_for("the centre", lambda: ask(self.api() + "/readyz", timeout=2)[0] is not None)
        for vehicle in self.vehicles:
            vehicle.agent.start()
        for vehicle in self.vehicles:
            self.wait_for(f"{vehicle.unit} to be linked", lambda: is_linked(vehicle))

    def wait_for(self, what, condition):
        begun = time.time()
        while not condition():
            if time.time() - begun > READY_S:
                raise SystemExit(f"waited {READY_S} s for {what}: see {self.folder}")
            time.sleep(0.1)

    def unit(self, unit):
        return ask(f"{self.api()}/api/v1/units/{unit}", timeout=2)[1]

    def positions(self):
        """For each unit the times of the fixes that are in the history, in seconds since 1970."""
        rows = self.postgres.ask("select unit, extract(epoch from at) from positions group by 1, 2 order by 1, 2")
        found = {unit: [] for unit in self.units}
        for row in rows.splitlines():
            unit, at = row.split("|")
            found[unit].append(float(at))
        return found

    def stop(self):
        for vehicle in self.vehicles:
            vehicle.agent.stop()
        self.program.stop()
        self.postgres.stop()
        if self.shaper.is_alive():
            self.shaper.stop()


def is_linked(vehicle):
    state = vehicle.state()
    return state is not None and state["link"]["state"] == "connected"
