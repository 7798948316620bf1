"""The cables between the machines of a centre, in this process: each node reaches PostgreSQL and the other node through one, which can be cut,
and which delays, reorders and loses datagrams by chance like a bad line. By seed, so that a line can be had again; what the machine's own
timing makes of it cannot."""

import asyncio
import random
import threading


class Cable:
    """One cable. While it is cut, bytes that come are swallowed: nobody is told."""

    def __init__(self, name):
        self.name, self.is_cut = name, False


class Wires(threading.Thread):
    def __init__(self, seed, delay_s=0.002, jitter_s=0.003, loss=0.01):
        super().__init__(daemon=True)
        self.random, self.delay_s, self.jitter_s, self.loss = random.Random(seed), delay_s, jitter_s, loss
        self.loop, self.cables, self.ready = asyncio.new_event_loop(), {}, threading.Event()

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.call_soon(self.ready.set)
        self.loop.run_forever()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=10)

    def tcp(self, name, listen, to):
        # Several ways may share a name, and are cut together.
        cable = self.cables.setdefault(name, Cable(name))
        self.call(self.open_tcp(cable, listen, to))

    def udp(self, name, listen, to):
        self.cables[name] = Cable(name)
        self.call(self.open_udp(self.cables[name], listen, to))

    def cut(self, *names):
        for name in names:
            self.cables[name].is_cut = True

    def mend(self):
        for cable in self.cables.values():
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
