#!/usr/bin/env python3
"""A vehicle in another language: written from docs/vehicle-link.md and its .proto files alone.

Connects to a centre, says hello, sends positions, waits for orders, acknowledges them, reports the stages it is told to,
and prints what happens as JSON lines. Ends with 0 when it has done what it was asked, else with 1 and a line that says why.

    python vehicle_client.py --centre 127.0.0.1:9120 --certificates DIR --proto vehicle-agent/link/proto \\
        --longitude 120.5 --latitude 30.25 --positions 5 --orders 1 --stages acknowledged,rolling
"""

import argparse
import asyncio
import importlib
import json
import ssl
import struct
import sys
import tempfile
import time
from pathlib import Path

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, HandshakeCompleted, StreamDataReceived
from grpc_tools import protoc

from patient_file import PatientFile, send_over_a_break

FRAME_BYTES_MAX = 65_536
STAGES = [
    "acknowledged", "rolling", "on_scene", "at_patient", "left_scene", "at_hospital", "handed_over", "available",
]  # fmt: skip


def load_messages(proto: Path):
    """Compiles the protocol into a folder of its own and imports it."""
    out = tempfile.mkdtemp(prefix="jichi-link-")
    folder = proto / "jichi" / "link" / "v1"
    sources = [str(folder / name) for name in ("link.proto", "patient.proto", "bulk.proto")]
    code = protoc.main(["protoc", f"-I{proto}", f"--python_out={out}", *sources])
    if code != 0:
        raise SystemExit(f"vehicle_client: {sources} cannot be compiled")
    sys.path.insert(0, out)
    return importlib.import_module("jichi.link.v1.link_pb2")


def say(event: str, **fields) -> None:
    print(json.dumps({"event": event, **fields}, ensure_ascii=False), flush=True)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Link(QuicConnectionProtocol):
    """One connection: frames out and frames in, on the duty stream and beside it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.bytes: dict[int, bytes] = {}
        self.frames: dict[int, asyncio.Queue] = {}
        self.alpn = None
        self.stream = self.open_stream()

    def open_stream(self) -> int:
        stream = 4 * len(self.frames)
        self.frames[stream] = asyncio.Queue()
        self.bytes[stream] = b""
        return stream

    def quic_event_received(self, event) -> None:
        if isinstance(event, HandshakeCompleted):
            self.alpn = event.alpn_protocol
        elif isinstance(event, StreamDataReceived):
            waiting = self.bytes[event.stream_id] + event.data
            while len(waiting) >= 4:
                (length,) = struct.unpack(">I", waiting[:4])
                if length > FRAME_BYTES_MAX or len(waiting) < 4 + length:
                    break
                self.frames[event.stream_id].put_nowait(waiting[4 : 4 + length])
                waiting = waiting[4 + length :]
            self.bytes[event.stream_id] = waiting
        elif isinstance(event, ConnectionTerminated):
            for frames in self.frames.values():
                frames.put_nowait(ConnectionError(f"closed: {event.error_code} {event.reason_phrase}"))

    def send_frame(self, message, stream: int | None = None) -> None:
        body = message.SerializeToString()
        self.send_bytes(struct.pack(">I", len(body)) + body, stream)

    def send_bytes(self, data: bytes, stream: int | None = None) -> None:
        self._quic.send_stream_data(self.stream if stream is None else stream, data)
        self.transmit()

    def break_off(self, stream: int) -> None:
        self._quic.reset_stream(stream, 0)
        self._quic.stop_stream(stream, 0)
        self.transmit()

    def send_datagram(self, message) -> None:
        self._quic.send_datagram_frame(message.SerializeToString())
        self.transmit()


class Vehicle:
    """What the document asks of a vehicle, without a disk: it lives for one run."""

    def __init__(self, link: Link, pb, arguments):
        self.link, self.pb, self.arguments = link, pb, arguments
        self.boot = arguments.boot or int(time.time())
        self.report_seq = 0
        self.position_seq = 0
        self.clock_ahead_ms = 0
        self.epoch = (0, 0)
        self.taken: dict[str, int] = {}
        self.orders: list[str] = []
        self.answers: dict[int, asyncio.Future] = {}

    def now_ms(self) -> int:
        return now_ms() + self.clock_ahead_ms

    async def next_body(self, stream: int | None = None):
        frame = await self.link.frames[self.link.stream if stream is None else stream].get()
        if isinstance(frame, Exception):
            raise frame
        message = self.pb.FromCentre.FromString(frame)
        kind = message.WhichOneof("body")
        return kind, getattr(message, kind) if kind else None

    async def greet(self, stream_class, stream: int):
        pb = self.pb
        hello = pb.Hello(
            stream_class=stream_class, protocol_version=2 if self.arguments.next else 1, boot=self.boot, connection=1,
            agent="vehicle_client.py/1",
        )  # fmt: skip
        self.link.send_frame(pb.FromVehicle(hello=hello), stream)
        return await asyncio.wait_for(self.next_body(stream), 10)

    async def open(self) -> None:
        pb = self.pb
        kind, body = await self.greet(pb.STREAM_CLASS_DUTY, self.link.stream)
        if kind == "refused":
            raise ConnectionError(f"refused: {pb.RefusedCode.Name(body.code)} {body.text}")
        if kind != "welcome":
            raise ConnectionError(f"not a welcome but {kind}")
        self.epoch = (body.epoch.term, body.epoch.node)
        self.clock_ahead_ms = body.centre_time_unix_ms - now_ms()
        say("welcome", spoken=body.protocol_version, unit=body.unit, label=body.unit_label, epoch=list(self.epoch), alpn=self.link.alpn)

    def send_position(self) -> None:
        self.position_seq += 1
        self.link.send_datagram(
            self.pb.Position(
                boot=self.boot, seq=self.position_seq, fix_time_unix_ms=self.now_ms(),
                longitude_deg=self.arguments.longitude, latitude_deg=self.arguments.latitude,
                speed_kmh=0, accuracy_m=5, satellites=12, quality=self.pb.FIX_QUALITY_SINGLE,
            )
        )  # fmt: skip
        say("position", seq=self.position_seq)

    async def send_positions(self) -> None:
        for _ in range(self.arguments.positions):
            self.send_position()
            await asyncio.sleep(self.arguments.interval)

    async def report(self, **content) -> None:
        self.report_seq += 1
        seq = self.report_seq
        report = self.pb.Report(
            boot=self.boot, seq=seq, happened_at_unix_ms=self.now_ms(),
            source=self.pb.REPORT_SOURCE_CREW_BUTTON, **content,
        )  # fmt: skip
        self.answers[seq] = asyncio.get_running_loop().create_future()
        frame = self.pb.FromVehicle(report=report)
        self.link.send_frame(frame)
        if self.arguments.repeat:
            self.link.send_frame(frame)
        ack = await asyncio.wait_for(self.answers[seq], 15)
        say("report_ack", seq=seq, outcome=self.pb.ReportOutcome.Name(ack.outcome), text=ack.text)

    async def tell_of_patient(self, assignment: str) -> None:
        """Vital signs, an alert and the card of a photo on the patients' stream, each twice; then what is in the photo."""
        pb, stream = self.pb, self.link.open_stream()
        kind, _ = await self.greet(pb.STREAM_CLASS_PATIENT, stream)
        if kind != "welcome":
            raise ConnectionError(f"patients' stream: not a welcome but {kind}")
        vitals = pb.Vitals(source=pb.VITALS_SOURCE_MONITOR, device="M-7", heart_rate_per_min=0, systolic_mmhg=92)
        alert = pb.Alert(kind=pb.ALERT_KIND_STROKE)
        photo = PatientFile(pb, self.arguments.photo) if self.arguments.photo else None
        for seq, content in enumerate([{"vitals": vitals}, {"alert": alert}] + ([{"file": photo.card()}] if photo else []), start=1):
            report = pb.PatientReport(
                boot=self.boot, seq=seq, happened_at_unix_ms=self.now_ms(), assignment_id=assignment, patient=1, **content
            )
            for _ in range(2):
                self.link.send_frame(pb.FromVehicle(patient_report=report), stream)
                kind, ack = await asyncio.wait_for(self.next_body(stream), 15)
                if kind != "patient_ack" or (ack.boot, ack.seq) != (self.boot, seq):
                    raise ConnectionError(f"patients' stream: not the answer but {kind}")
                say("patient_ack", seq=seq, outcome=pb.ReportOutcome.Name(ack.outcome), text=ack.text)
        if photo:
            await send_over_a_break(self, photo, assignment, say)

    def take_delivery(self, delivery) -> None:
        pb, text = self.pb, ""
        epoch = (delivery.epoch.term, delivery.epoch.node)
        kind = delivery.WhichOneof("content")
        if epoch < self.epoch:
            outcome = pb.DELIVERY_OUTCOME_REFUSED_LOWER_EPOCH
        elif delivery.effect_id in self.taken:
            outcome = self.taken[delivery.effect_id]
        else:
            self.epoch = epoch
            outcome = pb.DELIVERY_OUTCOME_STORED
            if kind is None:
                outcome, text = pb.DELIVERY_OUTCOME_UNSUPPORTED, "unknown kind"
            elif kind == "order" and delivery.order.assignment_id not in self.orders:
                self.orders.append(delivery.order.assignment_id)
            self.taken[delivery.effect_id] = outcome
        ack = pb.DeliveryAck(effect_id=delivery.effect_id, outcome=outcome, text=text)
        self.link.send_frame(pb.FromVehicle(delivery_ack=ack))
        shown = {}
        if kind == "order":
            order = delivery.order
            shown = {"assignment": order.assignment_id, "incident": order.incident_number, "address": order.address}
        say(
            "delivery", kind=kind, effect=delivery.effect_id, outcome=pb.DeliveryOutcome.Name(outcome), **shown
        )

    async def listen(self) -> None:
        while True:
            kind, body = await self.next_body()
            if kind == "delivery":
                self.take_delivery(body)
            elif kind == "report_ack" and body.seq in self.answers:
                answer = self.answers[body.seq]
                if not answer.done():
                    answer.set_result(body)
                else:
                    say("repeat_ack", seq=body.seq, outcome=self.pb.ReportOutcome.Name(body.outcome))
            elif kind == "pong":
                say("pong", nonce=body.nonce)

    async def ping(self) -> None:
        nonce = 0
        while True:
            nonce += 1
            self.link.send_frame(self.pb.FromVehicle(ping=self.pb.Ping(nonce=nonce)))
            await asyncio.sleep(10)

    def say_what_is_unknown(self) -> None:
        """A frame and a report of kinds that only a later version knows, and a known one with a field more."""
        self.send_raw(bytes([0x7A, 0x02, 0x08, 0x01]))
        self.report_seq += 1
        report = self.pb.Report(
            boot=self.boot, seq=self.report_seq, happened_at_unix_ms=self.now_ms(),
            source=self.pb.REPORT_SOURCE_CREW_BUTTON,
        )  # fmt: skip
        later = report.SerializeToString() + bytes([0xA2, 0x01, 0x02, 0x08, 0x01])
        self.send_raw(bytes([0x12, len(later)]) + later)
        ping = self.pb.Ping(nonce=77).SerializeToString() + bytes([0xE0, 0x03, 0x01])
        self.send_raw(bytes([0x22, len(ping)]) + ping)
        say("unknown")

    def send_raw(self, body: bytes) -> None:
        self.link.send_bytes(struct.pack(">I", len(body)) + body)

    async def work(self) -> None:
        arguments, pb = self.arguments, self.pb
        if arguments.garbage:
            self.link.send_bytes(b"\x00\x00\x00\x03\xff\xff\xff")
            self.link._quic.send_datagram_frame(b"\xff\xff\xff")
            say("garbage")
        if arguments.next:
            self.say_what_is_unknown()
        if arguments.sign_on:
            person = pb.CrewSignOn(name=arguments.sign_on, role=pb.CREW_ROLE_DRIVER)
            await self.report(crew_sign_on=person)
        await self.send_positions()
        deadline = time.monotonic() + arguments.wait
        while len(self.orders) < arguments.orders:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.orders)} of {arguments.orders} orders in {arguments.wait} s")
            self.send_position()
            await asyncio.sleep(arguments.interval)
        for assignment in self.orders[: arguments.orders]:
            for stage in filter(None, arguments.stages.split(",")):
                number = pb.Stage.Value(f"STAGE_{stage.upper()}")
                await self.report(stage=pb.StageReport(assignment_id=assignment, stage=number))
                self.send_position()
            if arguments.patient:
                await self.tell_of_patient(assignment)


async def run(arguments) -> None:
    pb = load_messages(arguments.proto)
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=["jichi-link/1"], max_datagram_frame_size=1200, idle_timeout=120,
        server_name=arguments.centre_name, verify_mode=ssl.CERT_REQUIRED,
    )  # fmt: skip
    configuration.load_verify_locations(cafile=str(arguments.certificates / "authority.pem"))
    configuration.load_cert_chain(arguments.certificates / "unit.pem", arguments.certificates / "unit.key")
    host, port = arguments.centre.rsplit(":", 1)
    async with connect(host, int(port), configuration=configuration, create_protocol=Link) as link:
        vehicle = Vehicle(link, pb, arguments)
        await vehicle.open()
        work = asyncio.create_task(vehicle.work())
        others = [asyncio.create_task(vehicle.listen()), asyncio.create_task(vehicle.ping())]
        done, _ = await asyncio.wait([work, *others], return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        for task in done:
            task.result()
        say("done", orders=vehicle.orders)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--centre", default="127.0.0.1:9120", help="host:port (UDP)")
    parser.add_argument("--centre-name", default="jichi-centre", help="name in the centre's certificate")
    parser.add_argument("--certificates", type=Path, required=True, help="authority.pem, unit.pem, unit.key")
    parser.add_argument("--proto", type=Path, default=Path("vehicle-agent/link/proto"))
    parser.add_argument("--boot", type=int, default=0)
    parser.add_argument("--longitude", type=float, default=120.5)
    parser.add_argument("--latitude", type=float, default=30.25)
    parser.add_argument("--positions", type=int, default=1, help="positions to send before anything else")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between positions")
    parser.add_argument("--sign-on", metavar="NAME", help="sign a driver on first")
    parser.add_argument("--orders", type=int, default=0, help="orders to wait for")
    parser.add_argument("--wait", type=float, default=60.0, help="seconds to wait for them")
    parser.add_argument("--stages", default="acknowledged", help="comma-separated, of: " + ", ".join(STAGES))
    parser.add_argument("--next", action="store_true", help="speak as a later version would")
    parser.add_argument("--patient", action="store_true", help="tell of the patient of each order, too")
    parser.add_argument("--photo", type=Path, metavar="FILE", help="with --patient: and keep this photo of the patient")
    parser.add_argument("--repeat", action="store_true", help="send each report twice: it must be harmless")
    parser.add_argument("--garbage", action="store_true", help="send a bad frame and a bad datagram first")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(run(arguments()))
    except (ConnectionError, TimeoutError, asyncio.TimeoutError, OSError) as error:
        print(f"vehicle_client: {error or type(error).__name__}", file=sys.stderr)
        sys.exit(1)
