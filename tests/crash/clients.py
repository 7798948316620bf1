"""People at desks, each with a unit: they enter calls and incidents, send the unit, see it arrive at its terminal, and cancel, which recalls the unit. Every
request and every answer is written down as it was given: that is what the checker goes by."""

import json
import threading
import time
import urllib.error
import urllib.request
import uuid

# A request that nobody has answered for so long is given up, and its outcome is not known.
GIVE_UP_S = 90
# An order must be at its vehicle by then, whoever was killed meanwhile: a vehicle waits up to 12 s before it tries an address, and has two.
ORDER_WITHIN_S = 60


class History:
    """The file of all that was asked and answered, one line each."""

    def __init__(self, path):
        self.file, self.lock = open(path, "a", buffering=1), threading.Lock()

    def note(self, **line):
        with self.lock:
            self.file.write(json.dumps({"at": time.time(), **line}, ensure_ascii=False) + "\n")


def ask(url, body=None, key=None, timeout=5):
    """One request. Comes back with status and answer; `None` as status when the connection failed."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method="GET" if body is None else "POST")
    # Node and terminal answer to their own names only; this one is theirs wherever they are reached.
    request.add_header("Host", f"localhost:{request.host.rpartition(':')[2]}")
    request.add_header("Jichi-Person", "checker")
    request.add_header("Jichi-Seat", "03")
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.add_header("Idempotency-Key", key)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        try:
            return refused.code, json.load(refused)
        except (ValueError, OSError):
            return refused.code, None
    except (OSError, ValueError):
        return None, None


class Desk(threading.Thread):
    def __init__(self, centre, history, unit, stop):
        super().__init__(daemon=True)
        self.centre, self.history, self.unit, self.stop = centre, history, unit, stop
        self.node = 0

    def run(self):
        while not self.stop.is_set():
            self.one_run()

    def call(self):
        word = f"{self.unit}-{uuid.uuid4()}"
        place = {"position": {"longitude": 114.3, "latitude": 30.6}, "address": word, "waiting_place": ""}
        _, call = self.write("call", "/api/v1/calls", {"source": "telephone", "phone": "13800000000", "text_only": False, "place": place}, word)
        return call, place

    def write(self, operation, path, body, word=None):
        """Asks one node and then the other under one key until one of them answers for good."""
        key, begun, tried = word or str(uuid.uuid4()), time.time(), 0
        while time.time() - begun < GIVE_UP_S:
            node, tried = self.node, tried + 1
            status, answer = ask(self.centre.api(node) + path, body, key)
            if status is not None and (200 <= status < 300 or 400 <= status < 500):
                self.history.note(kind="answer", operation=operation, key=key, path=path, body=body, status=status, answer=answer, node=node + 1, begun=begun, tried=tried, unit=self.unit)
                return (status, answer) if status < 300 else (status, None)
            self.node = 1 - node
            time.sleep(0.02)
        self.history.note(kind="no_answer", operation=operation, key=key, path=path, body=body, begun=begun, tried=tried, unit=self.unit)
        return None, None

    def one_run(self):
        call, place = self.call()
        if call is None:
            return
        sketch = {"call": call["id"], "complaint": "胸痛", "triage": {"level": "I", "determinant": None}, "place": place}
        _, incident = self.write("incident", "/api/v1/incidents", sketch)
        if incident is None:
            return
        path = f"/api/v1/incidents/{incident['id']}"
        _, order = self.write("order", f"{path}/assignments", {"unit": self.unit, "reason": "演练"})
        if order is not None and self.see_it_arrive(order["id"]):
            self.acknowledge(order["id"])
        self.write("cancel", f"{path}/cancel", {"reason": "演练"})

    def see_it_arrive(self, assignment):
        """Looks at the vehicle's terminal until it shows the order."""
        begun = time.time()
        while time.time() - begun < ORDER_WITHIN_S:
            status, state = ask(self.centre.terminal(self.unit) + "/api/state", timeout=2)
            if status == 200 and any(order["assignment"] == assignment for order in state["orders"]):
                self.history.note(kind="arrived", assignment=assignment, unit=self.unit, after_s=time.time() - begun)
                return True
            time.sleep(0.05)
        self.history.note(kind="missing", assignment=assignment, unit=self.unit)
        return False

    def acknowledge(self, assignment):
        """Presses the terminal's button as the crew does, and looks until a node says so."""
        status, _ = ask(self.centre.terminal(self.unit) + "/api/acknowledge", {"assignment": assignment}, assignment, timeout=2)
        if status != 200:
            return
        begun = time.time()
        while time.time() - begun < ORDER_WITHIN_S:
            status, order = ask(f"{self.centre.api(self.node)}/api/v1/assignments/{assignment}", timeout=2)
            if status == 200 and any(stamp["stage"] == "acknowledged" and stamp["source"] == "terminal" for stamp in order["stamps"]):
                self.history.note(kind="told", assignment=assignment, unit=self.unit, node=self.node + 1, after_s=time.time() - begun)
                return
            if status != 200:
                self.node = 1 - self.node
            time.sleep(0.05)
        _, state = ask(self.centre.terminal(self.unit) + "/api/state", timeout=2)
        shown = [stage for order in (state or {"orders": []})["orders"] if order["assignment"] == assignment for stage in order["stages"]]
        refused = any(stage["refused"] for stage in shown)
        self.history.note(kind="press_refused" if refused else "untold", assignment=assignment, unit=self.unit, shown=shown)


class Telephone(Desk):
    """Only enters calls, one after the other, so that it is seen to the moment when a write is taken again."""

    pause_s = 0.05

    def one_run(self):
        call, _ = self.call()
        if call is not None:
            # A call that nobody ends stands on every screen, and in the record, for ever.
            self.write("hang_up", f"/api/v1/calls/{call['id']}/end", {"how": "advice"})
        time.sleep(self.pause_s)


class BusyTelephone(Telephone):
    """The same without a pause: whenever the leader is killed, a call has just been acknowledged."""

    pause_s = 0


class Watch(threading.Thread):
    """Writes down every state that a node tells of itself."""

    def __init__(self, centre, history, stop):
        super().__init__(daemon=True)
        self.centre, self.history, self.stop = centre, history, stop
        self.states = [None, None]

    def run(self):
        while not self.stop.is_set():
            for node in (0, 1):
                status, standing = ask(self.centre.api(node) + "/api/v1/leadership", timeout=1)
                state = standing["state"] if status == 200 else None
                if state != self.states[node]:
                    self.history.note(kind="state", node=node + 1, state=state)
                    self.states[node] = state
            time.sleep(0.05)
