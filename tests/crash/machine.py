"""What runs on this machine during a campaign: PostgreSQL, two nodes of a centre, ambulances. Started, killed, started again."""

import os
import random
import re
import signal
import socket
import subprocess
import time
from pathlib import Path


GIVEN = set()


def free_port(kind=socket.SOCK_STREAM):
    """A port that nobody listens at and that was not given before: the system names one twice once it is closed again."""
    while True:
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in GIVEN:
            GIVEN.add(port)
            return port


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

    def __init__(self, folder, port=None):
        self.folder, self.binaries = Path(folder), newest_postgres()
        self.data, self.port = self.folder / "data", port or free_port()
        self.ports = [self.port]
        self.process = None

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

    def start(self):
        arguments = ["-c", "listen_addresses=127.0.0.1", "-p", self.port, "-k", self.folder, "-D", self.data]
        log = open(self.folder.parent / "postgres.log", "ab")
        self.process = subprocess.Popen(self.command("postgres", *arguments), stdout=log, stderr=log, start_new_session=True)
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
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

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

    def __init__(self, folder, binaries, units, ports=None, postgres=Postgres):
        self.folder, self.binaries = Path(folder).resolve(), Path(binaries).resolve()
        self.units = [f"A{number:02}" for number in range(1, units + 1)]
        self.ports = ports or {
            "api": [free_port(), free_port()],
            "link": [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)],
            "peer": [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)],
            "terminal": [free_port() for _ in self.units],
            # The cables' own ends: a node's ways to PostgreSQL's servers, and to the other node.
            "database_cable": [[free_port(), free_port()], [free_port(), free_port()]],
            "peer_cable": [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)],
        }
        self.postgres = postgres(self.folder / "postgres", self.ports.get("postgres"))
        self.ports["postgres"] = self.postgres.port
        self.nodes = [
            Program(f"node {number}", [self.binaries / "dispatchd", "serve", "--config", self.config(number)], self.folder / f"node-{number}.log")
            for number in (1, 2)
        ]
        self.agents = [
            Program(unit, [self.binaries / "vehicle-agent", "--config", self.folder / f"agents/{unit}.toml"], self.folder / f"{unit}.log")
            for unit in self.units
        ]

    def config(self, number):
        return self.folder / f"node-{number}.toml"

    def api(self, node):
        return f"http://127.0.0.1:{self.ports['api'][node]}"

    def terminal(self, unit):
        return f"http://127.0.0.1:{self.ports['terminal'][self.units.index(unit)]}"

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
                ("api", "listen", self.local("api", own)),
                ("vehicles", "listen", self.local("link", own)),
                ("data", "dir", f'"data-{number}"'),
                ("postgres", "url", self.shared_record(own)),
                ("standby", "node", str(number)),
                ("standby", "listen", self.local("peer", own)),
                ("standby", "peer", self.local("peer_cable", own)),
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
            addresses = ", ".join(self.local("link", node) for node in (0, 1))
            terminal = self.ports["terminal"][self.units.index(unit)]
            file.write_text(f'centre = [{addresses}]\nterminal = "127.0.0.1:{terminal}"\n{text}')
        self.postgres.make()

    def shared_record(self, node):
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports["database_cable"][node][: len(self.postgres.ports)])
        return f'"postgresql://{self.postgres.user}@{hosts}/postgres"'

    def lay(self, wires):
        """Lays the cables: `database-N` (to each server of PostgreSQL) and `peer-N` are node N's ways out."""
        for own, other in ((0, 1), (1, 0)):
            for here, there in zip(self.ports["database_cable"][own], self.postgres.ports):
                wires.tcp(f"database-{own + 1}", here, there)
            wires.udp(f"peer-{own + 1}", self.ports["peer_cable"][own], self.ports["peer"][other])

    def certificate(self, whose, out):
        done = self.dispatchd("issue-certificate", "--config", "centre.toml", *whose.split("="), "--out", out)
        if done.returncode != 0:
            raise SystemExit(f"issue-certificate: {done.stderr}")

    def local(self, what, index):
        return f'"127.0.0.1:{self.ports[what][index]}"'

    def stop(self):
        for program in [*self.agents, *self.nodes]:
            program.stop()
        self.postgres.stop()
