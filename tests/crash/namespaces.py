"""The machines of a centre as network namespaces of this one (node-1, node-2, database, vehicles), each with a cable to one switch, as this process has.
nftables loses packets between them: one way or both while a line is cut, and a few datagrams always. The same face as the cables on the loopback (wires.py).

Needs root, `ip` (package iproute2) and `nft` (package nftables). What a campaign that died has left is removed when the next one begins."""

import contextlib
import fcntl
import ipaddress
import json
import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

PLACES = ["node-1", "node-2", "database", "vehicles"]
SWITCH = "switch"
API, LINK, PEER, DATABASE, TERMINAL, RECEIVER = 8120, 4433, 4446, 5432, 8201, 9301
# A campaign that lives holds a lock on the file of its network here.
LOCKS = Path("/run/lock/jichi-networks")

# Packets are dropped where they arrive, as a cable would lose them: a sender whose own rule drops them is told. A node serves desks on its own machine
# only; its kernel lets those of this process in.
RULES = """
table ip lines {{
  set cut {{
    type ipv4_addr
  }}
  counter by_cut {{ }}
  counter by_chance {{ }}
  chain arriving {{
    type filter hook input priority 0; policy accept;
    ip saddr @cut counter name by_cut drop
    meta l4proto udp numgen random mod 1000 < {loss} counter name by_chance drop
  }}
  chain door {{
    type nat hook prerouting priority dstnat; policy accept;
    tcp dport {api} dnat to 127.0.0.1
  }}
}}
"""


class NoNamespaces(Exception):
    """What this machine lacks, in one line."""


def run(*command, text=None):
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise NoNamespaces(f"`{' '.join(map(str, command))}`: {' '.join(done.stderr.split())}")
    return done.stdout


def need():
    # Whoever became root by `su` has not got the folder of these on its path.
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for program, package in (("ip", "iproute2"), ("nft", "nftables")):
        if shutil.which(program) is None:
            raise NoNamespaces(f"`{program}` is not there: install the package `{package}`")
    if os.geteuid() != 0:
        raise NoNamespaces("only root makes network namespaces: run this as root")


@contextlib.contextmanager
def one_at_a_time():
    """Networks are claimed and removed by one campaign at a time."""
    LOCKS.mkdir(parents=True, exist_ok=True)
    with open(LOCKS / "all", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def hold(path):
    """The locked file, or `None` while another process holds it."""
    file = open(path, "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except OSError:
        file.close()
        return None


def remove(network):
    """Ends what runs in a network and takes it away: its namespaces, and their cables with them."""
    there = [line.split()[0] for line in run("ip", "netns", "list").splitlines()]
    for name in (name for name in there if name.startswith(namespace(network, ""))):
        for pid in run("ip", "netns", "pids", name).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        run("ip", "netns", "delete", name)
    # A namespace may live on for a moment, and its cable to this process with it.
    subprocess.run(["ip", "link", "delete", "j" + network], capture_output=True)
    (LOCKS / network).unlink(missing_ok=True)


def remove_leftovers():
    for path in LOCKS.glob("10.*"):
        held = hold(path)
        if held is not None:
            remove(path.name)
            held.close()


def namespace(network, place):
    return f"jichi-{network}-{place}"


def free_network():
    """The first three numbers of a network that this machine does not know the way to."""
    words = run("ip", "-4", "route", "show", "table", "all").replace("default", "").split()
    known = [ipaddress.ip_network(word, strict=False) for word in words if word[0].isdigit() and word.count(".") == 3]
    chance = random.SystemRandom()
    for _ in range(1000):
        network = f"10.{chance.randrange(256)}.{chance.randrange(256)}"
        if not any(ipaddress.ip_network(f"{network}.0/24").overlaps(other) for other in known):
            return network
    raise NoNamespaces("there is no free network of the form 10.x.y.0/24")


class Namespaces:
    """`network` is that of a campaign that goes on: its nodes' configurations name it."""

    def __init__(self, network=None, loss=0.01):
        self.network, self.loss, self.dropped_before = network, loss, 0

    def __enter__(self):
        need()
        with one_at_a_time():
            remove_leftovers()
            self.network = self.network or free_network()
            self.lock = hold(LOCKS / self.network)
            if self.lock is None:
                raise NoNamespaces(f"another campaign has the network {self.network}.0/24 of this one")
            try:
                self.build()
            except BaseException:
                remove(self.network)
                raise
        return self

    def __exit__(self, *_):
        with one_at_a_time():
            remove(self.network)
            self.lock.close()

    def name(self, place):
        return namespace(self.network, place)

    def build(self):
        switch = self.name(SWITCH)
        run("ip", "netns", "add", switch)
        # A switch of its own, out of reach of what this machine's firewall says about bridges.
        run("ip", "-n", switch, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "bridge", "up")
        # At most 15 letters.
        here = "j" + self.network
        run("ip", "link", "add", here, "type", "veth", "peer", "name", "campaign", "netns", switch)
        run("ip", "-n", switch, "link", "set", "campaign", "master", "bridge", "up")
        run("ip", "address", "add", f"{self.here}/24", "dev", here)
        run("ip", "link", "set", here, "up")
        for place in PLACES:
            self.build_place(place, switch)

    def build_place(self, place, switch):
        name = self.name(place)
        run("ip", "netns", "add", name)
        run("ip", "-n", switch, "link", "add", place, "type", "veth", "peer", "name", "line", "netns", name)
        run("ip", "-n", switch, "link", "set", place, "master", "bridge", "up")
        run("ip", "-n", name, "address", "add", f"{self.host(place)}/24", "dev", "line")
        run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", name, "link", "set", "line", "up")
        run("ip", "netns", "exec", name, "sysctl", "-q", "-w", "net.ipv4.conf.line.route_localnet=1")
        self.nft(place, "-f", "-", text=RULES.format(loss=round(1000 * self.loss), api=API))

    def nft(self, place, *arguments, text=None):
        return run("ip", "netns", "exec", self.name(place), "nft", *arguments, text=text)

    @property
    def here(self):
        """Where this process is, whom no cut concerns."""
        return f"{self.network}.1"

    def host(self, place):
        return f"{self.network}.{2 + PLACES.index(place)}"

    def inside(self, place, command):
        return ["ip", "netns", "exec", self.name(place), *command]

    def ports(self, units):
        """Everybody has an address and a usual port; the ways to others are the network itself."""
        return {
            "network": self.network,
            "api": [API, API],
            "link": [LINK, LINK],
            "peer": [PEER, PEER],
            "terminal": [TERMINAL + place for place in range(len(units))],
            "postgres": DATABASE,
            "database_cable": [[DATABASE], [DATABASE]],
            "peer_cable": [PEER, PEER],
            "receiver": RECEIVER,
        }

    def tcp(self, here, there, port, to):
        """Nothing to lay: the switch is there."""

    udp = tcp

    def cut(self, here, there, way="both"):
        """Loses what `here` sends (`out`), what is sent to it (`in`), or `both`. Nobody is told."""
        for sender, receiver, one_way in ((here, there, "out"), (there, here, "in")):
            if way in (one_way, "both"):
                self.nft(receiver, "add", "element", "ip", "lines", "cut", f"{{ {self.host(sender)} }}")

    def mend(self, here=None, there=None):
        """Mends the line between two, or all; how many packets the cuts have swallowed since the last time."""
        if here is not None:
            for sender, receiver in ((here, there), (there, here)):
                self.nft(receiver, "delete", "element", "ip", "lines", "cut", f"{{ {self.host(sender)} }}")
            return None
        for place in PLACES:
            self.nft(place, "flush", "set", "ip", "lines", "cut")
        dropped = self.dropped("by_cut")
        before, self.dropped_before = self.dropped_before, dropped
        return dropped - before

    def dropped(self, why):
        """Packets that were lost so far, `by_cut` or `by_chance`."""
        lists = [json.loads(self.nft(place, "-j", "list", "counters")) for place in PLACES]
        counters = [entry["counter"] for each in lists for entry in each["nftables"] if "counter" in entry]
        return sum(counter["packets"] for counter in counters if counter["name"] == why)
