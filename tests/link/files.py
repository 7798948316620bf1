"""Photos that crews take at their terminals, and what the centre has of them in the end: by its own lists, and byte for byte."""

import hashlib
import urllib.error
import urllib.request

from clients import ask

PHOTO_BYTES = (30_000, 200_000)
MEDIA_TYPE = "image/jpeg"


def fetch(url, body=None, timeout=10):
    """What `ask` is for JSON, for bytes. Comes back with status and contents; `None` as status when the connection failed."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": MEDIA_TYPE} if body else {})
    request.add_header("Host", f"localhost:{request.host.rpartition(':')[2]}")
    request.add_header("Jichi-Person", "checker")
    request.add_header("Jichi-Seat", "03")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, b""
    except OSError:
        return None, b""


def photo(chance, bytes_min):
    """Something that no packing makes shorter, and of which there are no two."""
    return chance.randbytes(chance.randint(bytes_min, PHOTO_BYTES[1]))


def card(content):
    """What must be on record of it."""
    return {"entry": "file", "kind": "photo", "media_type": MEDIA_TYPE, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def on_screen(state):
    """The files that a terminal shows."""
    return [file for order in state["orders"] for patient in order["patients"] for file in patient["files"]]


def taken(history):
    """The presses with which crews took files."""
    return [line for line in history if line["kind"] == "press" and line["says"].get("entry", {}).get("entry") == "file"]


class Shelf:
    """What the centre lists and gives. What it once gave is not fetched again."""

    def __init__(self, centre):
        self.centre, self.given = centre, {}

    def of(self, assignment):
        """Each file of an assignment: whose, what the list says of it, and what was in it."""
        _, charts = ask(f"{self.centre.api()}/api/v1/assignments/{assignment}/charts", timeout=5)
        return [self.file(assignment, chart["patient"], listed) for chart in (charts or {"items": []})["items"] for listed in chart["files"]]

    def file(self, assignment, patient, listed):
        key = (assignment, patient, listed["id"])
        if key not in self.given:
            status, content = fetch(f"{self.centre.api()}/api/v1/assignments/{assignment}/files/{listed['id']}")
            common = {"assignment": assignment, "patient": patient, "file": listed["id"], "listed": listed["bytes"], "status": status}
            found = {**common, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            if status != 200:
                return found
            self.given[key] = found
        return self.given[key]

    def waiting(self, presses):
        """How many of these files it does not give yet."""
        there = {assignment: self.of(assignment) for assignment in {press["says"]["assignment"] for press in presses}}
        return sum(all(file["sha256"] != press["says"]["entry"]["sha256"] for file in there[press["says"]["assignment"]]) for press in presses)
