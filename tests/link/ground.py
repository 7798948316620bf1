"""Where the vehicles of a campaign are: each in a network namespace of its own, with a line to the radio and another to its cabin, where the
crew's terminal is; or, where this machine makes no namespaces, all of them on its loopback, where no address changes and no modem goes off."""

from machine import free_port
from namespaces import SWITCH, Namespaces, namespace, run
from wires import Loopback

TERMINAL = 8201
# A network of 256 addresses has two halves: the radio and the cabins.
HALF = 128
# A vehicle that changes its address takes one so much higher, and goes back at the next change.
MOVED = 60
VEHICLES_MAX = MOVED - 2


class OnLoopback(Loopback):
    has_namespaces = False

    def __init__(self, units):
        self.terminals = {unit: free_port() for unit in units}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    # Where a vehicle finds the radio and its receiver.
    radio = cabin = "127.0.0.1"

    def terminal(self, unit):
        return f"127.0.0.1:{self.terminals[unit]}"


class InNamespaces(Namespaces):
    has_namespaces = True

    def __init__(self, units):
        assert len(units) <= VEHICLES_MAX
        super().__init__()
        self.units, self.moved = list(units), set()

    def host(self, place):
        """What is not a vehicle is on this machine."""
        return "127.0.0.1"

    @property
    def radio(self):
        return f"{self.network}.1"

    @property
    def cabin(self):
        return f"{self.network}.{HALF + 1}"

    def terminal(self, unit):
        return f"{self.network}.{HALF + 2 + self.units.index(unit)}:{TERMINAL}"

    def address(self, unit):
        return f"{self.network}.{2 + self.units.index(unit) + MOVED * (unit in self.moved)}/25"

    def build(self):
        switch, here = self.name(SWITCH), "j" + self.network
        run("ip", "netns", "add", switch)
        run("ip", "-n", switch, "link", "add", "bridge", "type", "bridge")
        run("ip", "-n", switch, "link", "set", "bridge", "up")
        run("ip", "link", "add", here, "type", "veth", "peer", "name", "campaign", "netns", switch)
        run("ip", "-n", switch, "link", "set", "campaign", "master", "bridge", "up")
        for address in (self.radio, self.cabin):
            run("ip", "address", "add", f"{address}/25", "dev", here)
        run("ip", "link", "set", here, "up")
        for unit in self.units:
            self.build_vehicle(unit, switch)

    def build_vehicle(self, unit, switch):
        name = namespace(self.network, unit)
        run("ip", "netns", "add", name)
        # The radio's line must not answer for the cabin: when the modem goes off the crew would lose its terminal.
        run("ip", "netns", "exec", name, "sysctl", "-q", "-w", "net.ipv4.conf.all.arp_ignore=1")
        for line, address in (("radio", self.address(unit)), ("cabin", f"{self.terminal(unit).split(':')[0]}/25")):
            run("ip", "-n", switch, "link", "add", f"{line}-{unit}", "type", "veth", "peer", "name", line, "netns", name)
            run("ip", "-n", switch, "link", "set", f"{line}-{unit}", "master", "bridge", "up")
            run("ip", "-n", name, "address", "add", address, "dev", line)
            run("ip", "-n", name, "link", "set", line, "up")
        run("ip", "-n", name, "link", "set", "lo", "up")

    def modem(self, unit, state):
        """Switches a vehicle's modem `up` or `down`: then its sockets are told that there is no way."""
        run("ip", "-n", self.name(unit), "link", "set", "radio", state)

    def move(self, unit):
        """Gives a vehicle another address: the old one goes first, as with a modem that finds another network."""
        run("ip", "-n", self.name(unit), "address", "del", self.address(unit), "dev", "radio")
        self.moved ^= {unit}
        run("ip", "-n", self.name(unit), "address", "add", self.address(unit), "dev", "radio")
