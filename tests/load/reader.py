"""A screen that reads live, as a console does: WebSocket by the letter (RFC 6455), pings answered. It counts the frames it gets and how long it
goes without one; that others flood the centre must not show here."""

import base64
import json
import os
import socket
import struct
import threading
import time

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Screen(threading.Thread):
    def __init__(self, host, port):
        super().__init__(daemon=True)
        self.host, self.port = host, port
        self.frames, self.ended, self.longest_gap_s, self.floods = 0, None, 0.0, {}
        self.stop = threading.Event()

    def run(self):
        try:
            self.read()
        except (OSError, ValueError, struct.error) as problem:
            self.ended = self.ended or repr(problem)

    def read(self):
        with socket.create_connection((self.host, self.port), timeout=10) as self.line:
            self.file = self.line.makefile("rb")
            self.upgrade()
            last = time.time()
            while not self.stop.is_set():
                kind, data = self.message()
                if kind == PING:
                    self.send(PONG, data)
                elif kind == CLOSE:
                    self.ended = f"closed: {struct.unpack('>H', data[:2])[0]} {data[2:].decode()}"
                    return
                elif kind == TEXT:
                    self.frames += 1
                    self.longest_gap_s, last = max(self.longest_gap_s, time.time() - last), time.time()
                    frame = json.loads(data)
                    if frame["type"] == "tick":
                        self.floods.update({(one["what"], one["source"]): one["refused"] for one in frame["data"]["floods"]})

    def upgrade(self):
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.line.sendall(
            f"GET /api/v1/live HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n".encode()
        )
        status = self.file.readline().split()[1]
        if status != b"101":
            raise ValueError(f"not let in: {status}")
        while self.file.readline().strip():
            pass

    def message(self):
        first, second = self.exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.exactly(8))
        return first & 0x0F, self.exactly(length)

    def exactly(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise ValueError("the connection ended without a word")
        return data

    def send(self, kind, data):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.line.sendall(bytes([0x80 | kind, 0x80 | len(data)]) + mask + masked)
