"""The cables between the machines of a centre, in this process: each node reaches PostgreSQL and the other node through one, which can be cut,
and which delays, reorders and loses datagrams by chance like a bad line. By seed, so that a line can be had again; what the machine's own
timing makes of it cannot."""

import asyncio
import random
import socket
import threading


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


class Loopback:
    """Everybody is on this machine's loopback, at a port of their own."""

    here = "127.0.0.1"

    def host(self, place):
        return self.here

    def inside(self, place, command):
        return command

    def ports(self, units):
        datagram = socket.SOCK_DGRAM
        return {
            "api": [free_port(), free_port()],
            "link": [free_port(datagram), free_port(datagram)],
            "peer": [free_port(datagram), free_port(datagram)],
            "terminal": [free_port() for _ in units],
            # The cables' own ends: a node's ways to PostgreSQL's servers, and to the other node.
            "database_cable": [[free_port(), free_port()], [free_port(), free_port()]],
            "peer_cable": [free_port(datagram), free_port(datagram)],
            "receiver": free_port(),
        }


class Cable:
    """All that joins two places. While it is cut, bytes that come are swallowed: nobody is told."""

    def __init__(self):
        self.is_cut = False


class Wires(Loopback, threading.Thread):
    def __init__(self, seed, delay_s=0.002, jitter_s=0.003, loss=0.01):
        threading.Thread.__init__(self, daemon=True)
        self.random, self.delay_s, self.jitter_s, self.loss = random.Random(seed), delay_s, jitter_s, loss
        self.loop, self.cables, self.ready = asyncio.new_event_loop(), {}, threading.Event()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.call_soon(self.ready.set)
        self.loop.run_forever()

    def __enter__(self):
        self.start()
        self.ready.wait()
        return self

    def __exit__(self, *_):
        """The thread ends with the process."""

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=10)

    def between(self, here, there):
        # Several ways may join two places, and are cut together.
        return self.cables.setdefault(frozenset({here, there}), Cable())

    def tcp(self, here, there, listen, to):
        self.call(self.open_tcp(self.between(here, there), listen, to))

    def udp(self, here, there, listen, to):
        self.call(self.open_udp(self.between(here, there), listen, to))

    def cut(self, here, there, _way="both"):
        """Both ways: a stream that passes through this process cannot lose one of them."""
        self.between(here, there).is_cut = True

    def mend(self, here=None, there=None):
        """Mends the cable between two places, or all."""
        for cable in self.cables.values() if here is None else [self.between(here, there)]:
            cable.is_cut = False

    async def open_tcp(self, cable, listen, to):
        async def serve(reader, writer):
            try:
                there_reader, there_writer = await asyncio.open_connection("127.0.0.1", to)
            except OSError:
                writer.close()
                return
            await asyncio.gather(self.pump(cable, reader, there_writer), self.pump(cable, there_reader, writer))

        await asyncio.start_server(serve, "127.0.0.1", listen)

    async def pump(self, cable, reader, writer):
        broken = False
        try:
            while data := await reader.read(65536):
                # A stream that has lost bytes is of no more use to anybody, also once the cable is mended.
                broken = broken or cable.is_cut
                if not broken:
                    writer.write(data)
                    await writer.drain()
                elif not cable.is_cut:
                    break
        except OSError:
            pass
        finally:
            writer.close()

    async def open_udp(self, cable, listen, to):
        wires = self

        class There(asyncio.DatagramProtocol):
            """The far end of one sender's datagrams."""

            def __init__(self, here, sender):
                self.here, self.sender = here, sender

            def datagram_received(self, data, _):
                wires.later(cable, lambda: self.here.sendto(data, self.sender))

            def error_received(self, _):
                pass

        class Here(asyncio.DatagramProtocol):
            def __init__(self):
                self.far_ends = {}

            def connection_made(self, transport):
                self.transport = transport

            def datagram_received(self, data, sender):
                asyncio.ensure_future(self.forward(data, sender))

            async def forward(self, data, sender):
                if sender not in self.far_ends:
                    making = There(self.transport, sender)
                    self.far_ends[sender], _ = await wires.loop.create_datagram_endpoint(lambda: making, remote_addr=("127.0.0.1", to))
                wires.later(cable, lambda: self.far_ends[sender].sendto(data))

        await self.loop.create_datagram_endpoint(Here, local_addr=("127.0.0.1", listen))

    def later(self, cable, send):
        """Sends a datagram after a moment of chance, so that some overtake others; some never arrive."""
        if cable.is_cut or self.random.random() < self.loss:
            return
        self.loop.call_later(self.delay_s + self.random.random() * self.jitter_s, lambda: None if cable.is_cut else send())
