"""PostgreSQL as a centre should have it: a primary with a synchronous standby under Patroni and etcd, all of them real (tests/rig/patroni.sh)."""

import os
import socket
import subprocess
import time
from pathlib import Path

from machine import newest_postgres
from wires import GIVEN, free_port

RIG = Path(__file__).resolve().parent.parent / "rig" / "patroni.sh"
PORTS = 6
FAIL_OVER_S = 90
# A standby that Patroni had not yet published as synchronous when its primary's machine died takes no place: the machine has to come back.
REPAIR_S = 45
# Of so many deaths of the primary the first is its machine's: then the standby takes its place, which takes Patroni some 20 seconds.
MACHINE_DIES_EVERY = 5


def free_ports():
    """The first of six ports in a row that nobody has."""
    while True:
        first = free_port()
        ports = range(first, first + PORTS)
        if ports.stop < 60000 and all(map(is_free, ports[1:])):
            GIVEN.update(ports)
            return first


def is_free(port):
    with socket.socket() as probe:
        return port not in GIVEN and probe.connect_ex(("127.0.0.1", port)) != 0


class Patroni:
    """The same face as one PostgreSQL."""

    user = "jichi"

    def __init__(self, folder, port, _ground):
        self.folder, self.port = Path(folder), port or free_ports()
        self.ports = [self.port + 2, self.port + 4]
        self.deaths = 0

    def rig(self, *arguments, check=True):
        environment = {**os.environ, "PORT": str(self.port)}
        command = [str(RIG), arguments[0], str(self.folder), *arguments[1:]]
        with open(self.folder.parent / "rig.log", "ab") as log:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        if check and done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: see {self.folder.parent / 'rig.log'}")
        return done.stdout.strip()

    def make(self):
        pass

    def start(self):
        self.rig("up")

    def find_primary(self, seconds, besides=None):
        begun = time.time()
        while time.time() - begun < seconds:
            name = self.rig("primary", check=False)
            if name and name != besides:
                return name
            time.sleep(0.2)
        return None

    def primary(self):
        name = self.find_primary(FAIL_OVER_S)
        if name is None:
            raise SystemExit(f"no primary after {FAIL_OVER_S} s: see {self.folder}")
        return name

    def harm(self):
        """SIGKILL to the primary; now and then to its Patroni as well. Comes back with what it was."""
        name = self.primary()
        self.deaths += 1
        if self.deaths % MACHINE_DIES_EVERY != 1:
            self.rig("crash", name)
            return "restarted"
        self.rig("kill", name)
        followed = self.find_primary(REPAIR_S, besides=name)
        self.rig("start", name)
        return "failed over" if followed else "repaired"

    def stop(self):
        self.rig("halt", check=False)

    def ask(self, statement, check=True):
        hosts = ",".join("127.0.0.1" for _ in self.ports)
        url = f"host={hosts} port={','.join(map(str, self.ports))} user=jichi dbname=postgres target_session_attrs=read-write"
        begun = time.time()
        while True:
            done = subprocess.run([newest_postgres() / "psql", "-XAt", "-d", url, "-c", statement], capture_output=True, text=True)
            if done.returncode == 0 or not check:
                return done.stdout.strip()
            if time.time() - begun > FAIL_OVER_S:
                raise SystemExit(f"psql: {done.stderr}")
            time.sleep(0.5)
