"""Vehicles that speak MQTT 3.1.1 over TLS with a client certificate: each tells where it is once a second, QoS 1, the first of them spread over the second.
One process and one epoll for all. Each second a line of JSON: how many are linked, published, acknowledged.

    python3 tests/link/publisher.py --port 8883 --certificates DIR --unit DIR --count 5000
"""

import argparse
import heapq
import json
import resource
import select
import socket
import ssl
import struct
import sys
import time
from pathlib import Path

HANDSHAKES_MAX = 32
# As many bytes as the `Position` of a vehicle that stands.
PAYLOAD_BYTES = 43
PUBACK = 4


def framed(kind, body):
    length, head = len(body), bytearray([kind])
    while True:
        length, seven = length // 128, length % 128
        head.append(seven | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


def text(word):
    return struct.pack(">H", len(word)) + word.encode()


class Vehicle:
    def __init__(self, number, address, context):
        self.number, self.name = number, f"V{number:05}"
        self.acknowledged, self.greeted, self.packet, self.rest = 0, False, 0, b""
        plain = socket.create_connection(address)
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname="jichi-centre", do_handshake_on_connect=False)

    def shake(self):
        """What epoll is to wait for; `None`: hands are shaken and the greeting is sent."""
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return select.EPOLLIN
        except ssl.SSLWantWriteError:
            return select.EPOLLOUT
        self.socket.send(framed(0x10, text("MQTT") + bytes([4, 2, 0, 0]) + text(self.name)))
        return None

    def publish(self):
        self.packet = self.packet % 65_535 + 1
        payload = f"{time.time():.6f} ".ljust(PAYLOAD_BYTES, "x").encode()
        self.socket.send(framed(0x32, text(f"positions/{self.name}") + struct.pack(">H", self.packet) + payload))

    def hear(self):
        """How many acknowledgements have come. All that a broker says here has four bytes."""
        came = 0
        try:
            while data := self.socket.recv(4096):
                self.rest += data
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        while len(self.rest) >= 4:
            kind, self.rest = self.rest[0] >> 4, self.rest[4:]
            self.greeted = True
            came += kind == PUBACK
        return came


class Fleet:
    def __init__(self, options):
        self.count, self.address = options.count, ("127.0.0.1", options.port)
        self.context = ssl.create_default_context(cafile=options.certificates / "authority.pem")
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.load_cert_chain(options.unit / "unit.pem", options.unit / "unit.key")
        self.epoll, self.vehicles, self.shaking = select.epoll(), {}, set()
        self.linked, self.published, self.acknowledged, self.begun = 0, 0, 0, 0
        # (when, whose turn): each vehicle once a second.
        self.due = []

    def begin_some(self):
        while len(self.shaking) < HANDSHAKES_MAX and self.begun < self.count:
            self.begun += 1
            vehicle = Vehicle(self.begun, self.address, self.context)
            number = vehicle.socket.fileno()
            self.vehicles[number] = vehicle
            self.shaking.add(number)
            self.epoll.register(number, select.EPOLLIN)
            self.go_on(number)

    def go_on(self, number):
        wanted = self.vehicles[number].shake()
        if wanted is not None:
            return self.epoll.modify(number, wanted)
        self.shaking.discard(number)
        self.epoll.modify(number, select.EPOLLIN)

    def hear(self, number):
        vehicle = self.vehicles[number]
        was_greeted = vehicle.greeted
        self.acknowledged += vehicle.hear()
        if vehicle.greeted and not was_greeted:
            self.linked += 1
            heapq.heappush(self.due, (time.time() + vehicle.number / self.count, number))

    def publish_due(self):
        while self.due and self.due[0][0] <= time.time():
            when, number = self.due[0]
            self.vehicles[number].publish()
            self.published += 1
            heapq.heapreplace(self.due, (when + 1.0, number))

    def run(self):
        told = time.time()
        while True:
            self.begin_some()
            self.publish_due()
            for number, _ in self.epoll.poll(0.005, 512):
                self.go_on(number) if number in self.shaking else self.hear(number)
            if time.time() - told >= 1:
                told += 1
                # How late the one is whose turn it is.
                late_s = max(0.0, time.time() - self.due[0][0]) if self.due else 0.0
                line = {"linked": self.linked, "positions": self.published, "acknowledged": self.acknowledged, "late_s": round(late_s, 3)}
                print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--certificates", type=Path, required=True, help="folder with authority.pem")
    parser.add_argument("--unit", type=Path, required=True, help="folder with unit.pem and unit.key")
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Fleet(options).run()


if __name__ == "__main__":
    try:
        main()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(0)
