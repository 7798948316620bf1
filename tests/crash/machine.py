"""What runs on this machine during a campaign: PostgreSQL, two nodes of a centre, ambulances. Started, killed, started again."""

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

from wires import Loopback, free_port


def newest_postgres():
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not folders:
        raise SystemExit("no PostgreSQL under /usr/lib/postgresql: install the package `postgresql`")
    return folders[-1]


def set_key(text, section, key, value):
    """Sets a key of a section of a TOML text; makes what is missing."""
    line = f"{key} = {value}"
    parts = re.split(r"(?m)^(?=\[)", text)
    for index, part in enumerate(parts):
        if part.startswith(f"[{section}]"):
            pattern = re.compile(rf"(?m)^{re.escape(key)}\s*=.*$")
            parts[index] = pattern.sub(lambda _: line, part, count=1) if pattern.search(part) else part.rstrip("\n") + f"\n{line}\n\n"
            return "".join(parts)
    return text.rstrip("\n") + f"\n\n[{section}]\n{line}\n"


class Postgres:
    """A cluster of the system's own binaries, with syncing on: its commits must survive its death."""

    user = "postgres"

    def __init__(self, folder, port, ground):
        self.folder, self.binaries, self.ground = Path(folder), newest_postgres(), ground
        self.data, self.port = self.folder / "data", port or free_port()
        self.ports = [self.port]
        self.host, self.process = ground.host("database"), None

    def command(self, name, *arguments):
        plain = [str(self.binaries / name), *map(str, arguments)]
        if os.geteuid() != 0:
            return plain
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *plain]

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres", self.folder], check=True)
        arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "-D", self.data]
        subprocess.run(self.command("initdb", *arguments), check=True, stdout=subprocess.DEVNULL)
        with open(self.data / "pg_hba.conf", "a") as rules:
            rules.write("host all all samenet trust\n")

    def start(self):
        arguments = ["-c", f"listen_addresses={self.host}", "-p", self.port, "-k", self.folder, "-D", self.data]
        command = self.ground.inside("database", self.command("postgres", *arguments))
        log = open(self.folder.parent / "postgres.log", "ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        for _ in range(600):
            if self.ask("select 1", check=False) == "1":
                return
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL does not start: see {self.folder.parent / 'postgres.log'}")

    def kill(self):
        """SIGKILL to the postmaster; its children notice and end."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for pid in [self.process.pid, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def harm(self):
        """SIGKILL, and a start after as long as a service manager needs, or longer than a lease lasts."""
        self.kill()
        time.sleep(random.choice([0.2, 5.0]))
        self.start()
        return "restarted"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)

    def url(self):
        return f"postgres://postgres@{self.host}:{self.port}/postgres"

    def ask(self, statement, check=True):
        done = subprocess.run([self.binaries / "psql", "-XAt", "-d", self.url(), "-c", statement], capture_output=True, text=True)
        if check and done.returncode != 0:
            raise SystemExit(f"psql: {done.stderr}")
        return done.stdout.strip()


class Program:
    """A process of ours with a log file; it may be started many times."""

    def __init__(self, name, command, log):
        self.name, self.command, self.log, self.process = name, [str(part) for part in command], log, None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self, seconds):
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.runs():
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def runs(self):
        return self.process is not None and self.process.poll() is None


class Centre:
    """Two nodes of one centre on a generated city, and an ambulance for each unit."""

    def __init__(self, folder, binaries, units, ports=None, postgres=Postgres, ground=None):
        self.ground = ground or Loopback()
        self.folder, self.binaries = Path(folder).resolve(), Path(binaries).resolve()
        self.units = [f"A{number:02}" for number in range(1, units + 1)]
        self.ports = ports or self.ground.ports(self.units)
        self.postgres = postgres(self.folder / "postgres", self.ports.get("postgres"), self.ground)
        self.ports["postgres"] = self.postgres.port
        self.nodes = [self.program(f"node-{number}", f"node-{number}", "dispatchd", "serve", "--config", self.config(number)) for number in (1, 2)]
        self.agents = [self.program("vehicles", unit, "vehicle-agent", "--config", self.folder / f"agents/{unit}.toml") for unit in self.units]

    def program(self, place, name, binary, *arguments):
        return Program(name, self.ground.inside(place, [self.binaries / binary, *arguments]), self.folder / f"{name}.log")

    def config(self, number):
        return self.folder / f"node-{number}.toml"

    def api(self, node):
        return f"http://{self.ground.host(f'node-{node + 1}')}:{self.ports['api'][node]}"

    def terminal(self, unit):
        return f"http://{self.terminal_address(unit)}"

    def terminal_address(self, unit):
        return f"{self.ground.host('vehicles')}:{self.ports['terminal'][self.units.index(unit)]}"

    def dispatchd(self, *arguments):
        return subprocess.run([self.binaries / "dispatchd", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        city = [self.binaries / "sim", "city", "--seed", "7", "--units", str(len(self.units)), "--out", self.folder]
        subprocess.run(city, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (self.folder / "spool").mkdir(exist_ok=True)
        plain = (self.folder / "centre.toml").read_text()
        for number in (1, 2):
            own, other = number - 1, 2 - number
            text = plain
            for section, key, value in [
                ("api", "listen", f'"127.0.0.1:{self.ports["api"][own]}"'),
                ("vehicles", "listen", self.at(own, "link", own)),
                ("data", "dir", f'"data-{number}"'),
                ("postgres", "url", self.shared_record(own)),
                ("standby", "node", str(number)),
                ("standby", "listen", self.at(own, "peer", own)),
                ("standby", "peer", self.at(other, "peer_cable", own)),
                ("standby", "elsewhere", f'"{self.api(other)}"'),
                ("standby", "certificates", '"certificates/node"'),
            ]:
                text = set_key(text, section, key, value)
            self.config(number).write_text(text)
        self.certificate("--node", "certificates/node")
        for unit in self.units:
            self.certificate(f"--unit={unit}", f"certificates/{unit}")
            file = self.folder / f"agents/{unit}.toml"
            text = re.sub(r"(?m)^(centre|terminal|gnss)\s*=.*\n", "", file.read_text())
            addresses = ", ".join(self.at(node, "link", node) for node in (0, 1))
            gnss = f'gnss = "tcp://{self.ground.here}:{self.ports["receiver"]}"\n' if "receiver" in self.ports else ""
            file.write_text(f'centre = [{addresses}]\nterminal = "{self.terminal_address(unit)}"\n{gnss}{text}')
        self.postgres.make()

    def shared_record(self, node):
        hosts = ",".join(f"{self.ground.host('database')}:{port}" for port in self.ports["database_cable"][node][: len(self.postgres.ports)])
        return f'"postgresql://{self.postgres.user}@{hosts}/postgres"'

    def lay_cables(self):
        """Each node's ways out: to each server of PostgreSQL, and to the other node."""
        for own, other in ((0, 1), (1, 0)):
            place, peer = f"node-{own + 1}", f"node-{other + 1}"
            for port, to in zip(self.ports["database_cable"][own], self.postgres.ports):
                self.ground.tcp(place, "database", port, to)
            self.ground.udp(place, peer, self.ports["peer_cable"][own], self.ports["peer"][other])

    def certificate(self, whose, out):
        done = self.dispatchd("issue-certificate", "--config", "centre.toml", *whose.split("="), "--out", out)
        if done.returncode != 0:
            raise SystemExit(f"issue-certificate: {done.stderr}")

    def at(self, node, what, index):
        return f'"{self.ground.host(f"node-{node + 1}")}:{self.ports[what][index]}"'

    def stop(self):
        for program in [*self.agents, *self.nodes]:
            program.stop()
        self.postgres.stop()
