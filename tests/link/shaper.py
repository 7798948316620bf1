"""The radio between each vehicle and the centre: a relay of datagrams in this process that delays them, lets some overtake others, loses some by
chance, swallows them one way or both while a line is cut, and now and then gives a vehicle another port towards the centre, as a network does
that translates addresses. By seed, so that the same chances can be had again; when packets come is the machine's."""

import asyncio
import random
import socket
import threading

WAYS = ("out", "in")
DATAGRAM_BYTES_MAX = 65_536


class Line:
    """One vehicle's way to the centre and back. `out` is what the vehicle sends."""

    def __init__(self, loop, listen, to, seed, delay_s, jitter_s):
        self.loop, self.to, self.delay_s, self.jitter_s = loop, to, delay_s, jitter_s
        self.random = {way: random.Random(f"{seed} {way}") for way in WAYS}
        self.cut_ways, self.loss, self.swallowed, self.far_ends = set(), 0.0, {"out": 0, "in": 0}, {}
        self.near = udp(listen)
        self.loop.call_soon_threadsafe(self.loop.add_reader, self.near, self.hear_vehicle)

    @property
    def round_trip_s(self):
        """The longest that this line makes of one."""
        return 2 * (self.delay_s + self.jitter_s)

    def cut(self, *ways):
        self.cut_ways = set(ways or WAYS)

    def mend(self):
        self.cut_ways = set()

    def lose(self, share):
        self.loss = share

    def rebind(self):
        """From the next datagram on the vehicle has another port towards the centre, and what comes to the old one is lost."""
        self.loop.call_soon_threadsafe(self.forget_far_ends)

    def forget_far_ends(self):
        for far in self.far_ends.values():
            self.loop.remove_reader(far)
            far.close()
        self.far_ends.clear()

    def hear_vehicle(self):
        for data, sender in received(self.near):
            self.carry("out", lambda data=data, sender=sender: self.far_end(sender).sendto(data, self.to))

    def far_end(self, sender):
        if sender not in self.far_ends:
            far = udp(("0.0.0.0", 0))
            self.far_ends[sender] = far
            self.loop.add_reader(far, self.hear_centre, far, sender)
        return self.far_ends[sender]

    def hear_centre(self, far, sender):
        for data, _ in received(far):
            self.carry("in", lambda data=data: self.near.sendto(data, sender))

    def carry(self, way, send):
        chance = self.random[way]
        # Both are drawn each time, so that one that is lost changes nothing for the next.
        lost, late_s = chance.random() < self.loss, chance.random() * self.jitter_s
        if lost:
            return
        self.loop.call_later(self.delay_s + late_s, self.put, way, send)

    def put(self, way, send):
        # What was under way when the line was cut is lost, too.
        if way in self.cut_ways:
            self.swallowed[way] += 1
            return
        try:
            send()
        except OSError:
            # The vehicle's modem is off, or its port was taken away meanwhile.
            self.swallowed[way] += 1


class Shaper(threading.Thread):
    """All lines, on a thread of their own."""

    def __init__(self, delay_s=0.02, jitter_s=0.03):
        super().__init__(daemon=True)
        self.delay_s, self.jitter_s, self.loop = delay_s, jitter_s, asyncio.new_event_loop()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def line(self, listen, to, seed):
        return Line(self.loop, listen, to, seed, self.delay_s, self.jitter_s)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join()


def udp(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(address)
    sock.setblocking(False)
    return sock


def received(sock):
    """All datagrams that wait."""
    while True:
        try:
            yield sock.recvfrom(DATAGRAM_BYTES_MAX)
        except OSError:
            return
