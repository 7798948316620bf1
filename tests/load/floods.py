"""Those who send too much: a telephone exchange at ten times its peak, one page that sends text calls without end, a thousand screens that
connect and read nothing. Each runs as a process of its own; what it was told goes into a file, one line of JSON each.

    python3 tests/load/floods.py calls --centre 127.0.0.1:8120 --seconds 10 --out calls.jsonl
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import time
import uuid
from collections import Counter

SEATS = 10
PLACE = {"position": {"longitude": 114.3, "latitude": 30.6}, "address": "", "waiting_place": ""}


class Line:
    """One HTTP connection that is kept, and made anew when it ends."""

    def __init__(self, centre, source):
        self.centre, self.source, self.reader, self.writer = centre, source, None, None

    async def ask(self, method, path, body=None, headers=()):
        """Status and answer; `None` as status when the connection failed."""
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.centre}", f"Content-Length: {len(data)}"]
        if body is not None:
            lines.append("Content-Type: application/json")
        lines += [f"{name}: {value}" for name, value in headers]
        try:
            if self.writer is None:
                host, port = self.centre.split(":")
                self.reader, self.writer = await asyncio.open_connection(host, int(port), local_addr=(self.source, 0))
            self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
            status, headers = await self.head()
            answer = await self.reader.readexactly(int(headers.get("content-length", 0)))
            if headers.get("connection") == "close":
                self.close()
            return status, json.loads(answer) if answer else None
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError):
            self.close()
            return None, None

    async def head(self):
        status = int((await self.reader.readline()).split()[1])
        headers = {}
        while line := (await self.reader.readline()).strip():
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip().lower()
        return status, headers

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Protocol:
    """What was asked and answered; at the end, how much of what."""

    def __init__(self, path):
        self.file, self.counts = open(path, "a", buffering=1), Counter()

    def note(self, **line):
        self.file.write(json.dumps({"at": time.time(), **line}, ensure_ascii=False) + "\n")

    def answer(self, operation, key, path, body, status, answer, begun):
        self.counts[status] += 1
        if status is None:
            self.note(kind="no_answer", operation=operation, key=key, path=path, body=body, begun=begun)
        elif status < 300:
            self.note(kind="answer", operation=operation, key=key, path=path, body=body, status=status, answer=answer, node=1, begun=begun)


async def calls(options, protocol):
    """Calls at a steady rate, over ten seats; each is ended, for nobody here answers it."""
    per_seat_s = SEATS / options.rate
    end = time.time() + options.seconds

    async def seat(number):
        line, next_at = Line(options.centre, "127.0.0.1"), time.time() + number * per_seat_s / SEATS
        headers = [("Jichi-Person", "exchange"), ("Jichi-Seat", f"C{number:02}")]

        async def write(operation, path, body):
            key, begun = str(uuid.uuid4()), time.time()
            status, answer = await line.ask("POST", path, body, [*headers, ("Idempotency-Key", key)])
            protocol.answer(operation, key, path, body, status, answer, begun)
            return answer if status is not None and status < 300 else None

        while next_at < end:
            await asyncio.sleep(max(0.0, next_at - time.time()))
            next_at += per_seat_s
            place = {**PLACE, "address": str(uuid.uuid4())}
            call = await write("call", "/api/v1/calls", {"source": "telephone", "phone": "13800000000", "text_only": False, "place": place})
            if call is not None:
                await write("hang_up", f"/api/v1/calls/{call['id']}/end", {"how": "advice"})

    await asyncio.gather(*(seat(number) for number in range(SEATS)))


async def texts(options, protocol):
    """One source sends text calls as fast as it is answered; another one, quietly, a call now and then, which must be taken."""
    end = time.time() + options.seconds

    async def write(line, operation):
        key, begun, path, body = str(uuid.uuid4()), time.time(), "/api/v1/text-calls", {"text": "救命", "place": PLACE}
        status, answer = await line.ask("POST", path, body, [("Idempotency-Key", key)])
        if answer and "call" in answer:
            answer = {"id": answer["call"]}
        protocol.answer(operation, key, path, body, status, answer, begun)
        return status

    async def hostile():
        line = Line(options.centre, options.source)
        while time.time() < end:
            if await write(line, "call") is None:
                await asyncio.sleep(0.05)

    async def honest():
        line = Line(options.centre, options.honest_source)
        while time.time() < end:
            protocol.counts[f"honest {await write(line, 'call')}"] += 1
            await asyncio.sleep(1.0)

    await asyncio.gather(honest(), *(hostile() for _ in range(options.lines)))


async def readers(options, protocol):
    """Screens that connect and read nothing, and do so anew when they are cut off."""
    end = time.time() + options.seconds
    host, port = options.centre.split(":")

    async def silent():
        while time.time() < end:
            try:
                reader, writer = await asyncio.open_connection(host, int(port), limit=1, local_addr=(options.source, 0))
                nonce = base64.b64encode(os.urandom(16)).decode()
                writer.write(
                    f"GET /api/v1/live HTTP/1.1\r\nHost: {options.centre}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n".encode()
                )
                protocol.counts["connected"] += 1
                # Closed from the other side is all that it ever notices.
                while time.time() < end and not reader.at_eof() and not writer.transport.is_closing():
                    await asyncio.sleep(1.0)
                writer.transport.abort()
            except OSError:
                protocol.counts["failed"] += 1
                await asyncio.sleep(0.5)

    await asyncio.gather(*(silent() for _ in range(options.count)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["calls", "texts", "readers"])
    parser.add_argument("--centre", required=True, help="host:port of the HTTP interface")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rate", type=float, default=100, help="calls a second")
    parser.add_argument("--lines", type=int, default=64, help="connections of the one who sends text calls")
    parser.add_argument("--count", type=int, default=1000, help="screens")
    parser.add_argument("--source", default="127.0.0.2", help="address of the one who sends too much")
    parser.add_argument("--honest-source", default="127.0.0.3", help="address of the one who does not")
    options = parser.parse_args()
    # A thousand connections are more than a process is given unasked.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    protocol = Protocol(options.out)
    asyncio.run({"calls": calls, "texts": texts, "readers": readers}[options.what](options, protocol))
    counts = {str(what): count for what, count in protocol.counts.items()}
    protocol.note(kind="counts", what=options.what, counts=counts)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
