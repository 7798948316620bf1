"""A file of a patient, from section 6b of docs/vehicle-link.md: its card, and what is in it, over a stream that breaks off half way."""

import asyncio
import hashlib
import secrets
import time
import uuid
from pathlib import Path

PIECE_BYTES = 16_384
UNANSWERED_MAX = 4
ANSWER_WITHIN_S = 15


def uuid7() -> uuid.UUID:
    """Milliseconds since 1970, the version, the variant, and chance."""
    return uuid.UUID(int=(time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62))


class PatientFile:
    def __init__(self, pb, path: Path):
        self.pb, self.content, self.id = pb, path.read_bytes(), f"file_{uuid7()}"

    def card(self):
        return self.pb.FileCard(
            file_id=self.id, kind=self.pb.FILE_KIND_PHOTO, media_type="image/jpeg", gzip=False, bytes=len(self.content),
            sha256=hashlib.sha256(self.content).digest(), device="P-7",
        )  # fmt: skip


class BulkStream:
    """One stream of class BULK, and the one file that goes on it."""

    def __init__(self, vehicle, file: PatientFile):
        self.vehicle, self.file, self.pb = vehicle, file, vehicle.pb
        self.stream = vehicle.link.open_stream()

    async def open(self) -> None:
        kind, _ = await self.vehicle.greet(self.pb.STREAM_CLASS_BULK, self.stream)
        if kind != "welcome":
            raise ConnectionError(f"stream of files: not a welcome but {kind}")

    def say(self, **body) -> None:
        self.vehicle.link.send_frame(self.pb.FromVehicle(**body), self.stream)

    async def answer(self):
        kind, answer = await asyncio.wait_for(self.vehicle.next_body(self.stream), ANSWER_WITHIN_S)
        if kind != "file_answer" or answer.file_id != self.file.id or answer.outcome == self.pb.FILE_OUTCOME_REFUSED:
            raise ConnectionError(f"stream of files: not the answer but {kind} {answer}")
        return answer

    async def offer(self, assignment: str):
        self.say(file_offer=self.pb.FileOffer(file_id=self.file.id, assignment_id=assignment))
        return await self.answer()

    async def send(self, start: int, enough: int) -> int:
        """Sends pieces from `start` on until the centre has `enough`; the whole file, until it keeps it. Says up to where it has sent."""
        sent = has = start
        while True:
            while sent < len(self.file.content) and sent - has < UNANSWERED_MAX * PIECE_BYTES:
                piece = self.file.content[sent : sent + PIECE_BYTES]
                self.say(file_part=self.pb.FilePart(file_id=self.file.id, offset=sent, content=piece))
                sent += len(piece)
            answer = await self.answer()
            if answer.outcome == self.pb.FILE_OUTCOME_KEPT:
                return sent
            if answer.outcome == self.pb.FILE_OUTCOME_SEND:
                if not has <= answer.offset <= sent:
                    raise ConnectionError(f"the centre wants {answer.offset}, has {has} and was sent {sent}")
                has = answer.offset
                if has >= enough:
                    return sent


async def send_over_a_break(vehicle, file: PatientFile, assignment: str, say) -> None:
    """Half of it on one stream, which is reset with pieces under way; the rest on the next, from where the centre says."""
    first = BulkStream(vehicle, file)
    await first.open()
    begun = await first.offer(assignment)
    if (begun.outcome, begun.offset) != (first.pb.FILE_OUTCOME_SEND, 0):
        raise ConnectionError(f"a new file is not wanted from its beginning: {begun}")
    sent = await first.send(0, enough=len(file.content) // 2)
    vehicle.link.break_off(first.stream)
    second = BulkStream(vehicle, file)
    await second.open()
    goes_on = await second.offer(assignment)
    if goes_on.outcome != second.pb.FILE_OUTCOME_SEND or not len(file.content) // 2 <= goes_on.offset <= sent < len(file.content):
        raise ConnectionError(f"of {sent} bytes sent the centre wants to go on from {goes_on}")
    await second.send(goes_on.offset, enough=len(file.content) + 1)
    again = await second.offer(assignment)
    say("file", id=file.id, broke_off_at=sent, went_on_from=goes_on.offset, again=second.pb.FileOutcome.Name(again.outcome))
    if again.outcome != second.pb.FILE_OUTCOME_KEPT:
        raise ConnectionError(f"a file that is kept was offered again, and the centre says {again}")
