"""Who works while the lines are bad: on each vehicle a crew that presses at its terminal and sees what comes there, and at the centre a desk that
gives it orders and writes to it. All that is pressed, shown, asked and answered is written down as it was: that is what the laws are held against."""

import itertools
import json
import random
import threading
import time
import uuid
from datetime import datetime

import files
from clients import Desk, ask

# The terminal takes another step of the same order for a slip of the finger before.
BETWEEN_STAGES_S = 5.2
CREW_PAUSE_S = (0.8, 3.5)
MESSAGE_PAUSE_S = (4.0, 12.0)
# The terminal shows the last fifty.
MESSAGES_WAITING_MAX = 40
# The first photo is taken with the first order.
PHOTO_PAUSE_S = (8.0, 30.0)
SLIP = 0.15
VITALS = 0.5


def seconds_of(text):
    """Seconds since 1970 of a time as our interfaces write it, with as many digits as it takes."""
    whole, _, part = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float(f"0.{part or 0}")


def under_way(state):
    """The order that is worked on."""
    return next((order for order in state["orders"] if order["end"] is None and order["next"]), None)


class Crew(threading.Thread):
    """Presses the next step of the order it holds when it may, takes a photo now and then, else enters vital signs or signs a helper on or off: all of
    these are reports."""

    def __init__(self, vehicle, history, stop, seed):
        super().__init__(daemon=True)
        self.vehicle, self.history, self.stop = vehicle, history, stop
        self.unit, self.chance = vehicle.unit, random.Random(f"{seed} crew {vehicle.unit}")
        self.helpers, self.on_board, self.pressed_at = itertools.count(1), None, 0.0
        self.seen, self.things = set(), set()
        # Whether this agent takes vital signs, and how many it was given.
        self.charts, self.measured = True, itertools.count()
        # What is in a photo takes nothing from the other chances.
        self.camera, self.photo_at = random.Random(f"{seed} photos {vehicle.unit}"), 0.0
        # What is pressed is written down in that order, whoever of the crew presses.
        self.hands = threading.Lock()

    def run(self):
        self.sign("on", "李强", "driver")
        while not self.stop.wait(self.chance.uniform(*CREW_PAUSE_S)):
            state = self.vehicle.state()
            if state is None:
                continue
            self.look(state)
            with self.hands:
                self.press(state)

    def look(self, state):
        """Writes down what is on the screen for the first time, in the order in which it stands there."""
        for kind, things, name in (("order", state["orders"], "assignment"), ("message", state["messages"], "id")):
            for thing in things:
                if (kind, thing[name]) not in self.seen:
                    self.seen.add((kind, thing[name]))
                    what = thing["assignment"] if kind == "order" else thing["text"]
                    self.things.add((kind, what))
                    self.history.note(kind="shown", unit=self.unit, what=kind, thing=what)

    def press(self, state):
        order = under_way(state)
        if order is not None and time.time() > self.photo_at:
            self.take_photo(order["assignment"])
        elif order is not None and time.time() - self.pressed_at > BETWEEN_STAGES_S:
            self.press_stage(order["assignment"], order["next"]["stage"])
        elif order is not None and self.charts and self.chance.random() < VITALS:
            self.enter_vitals(order["assignment"])
        elif self.on_board is None:
            self.on_board = f"担架员{next(self.helpers)}"
            self.sign("on", self.on_board, "stretcher")
        else:
            self.sign("off", self.on_board, "stretcher")
            self.on_board = None

    def press_stage(self, assignment, stage):
        body = {"assignment": assignment, "stage": stage}
        status, answer = ask(self.vehicle.terminal + "/api/press", body, "press", timeout=5)
        if status != 200:
            return
        self.pressed_at = time.time()
        said = {"assignment": assignment, "stage": stage, "source": "terminal"}
        self.history.note(kind="press", unit=self.unit, fact="stage_reported", says=said, true_at=seconds_of(answer["at"]))
        if self.chance.random() < SLIP:
            # The finger slips: the same press, which must not count twice.
            ask(self.vehicle.terminal + "/api/press", body, "press", timeout=5)

    def enter_vitals(self, assignment):
        number = next(self.measured)
        # No two are alike.
        entry = {"heart_rate_per_min": 40 + number % 100, "systolic_mmhg": 80 + number // 100}
        status, answer = ask(self.vehicle.terminal + "/api/patient/vitals", {"assignment": assignment, "patient": 1, "entry": entry}, "vitals", timeout=5)
        self.charts = status not in (404, 405)
        if status == 200:
            said = {"assignment": assignment, "patient": 1, "entry": {"entry": "vitals", "source": "crew", **entry}}
            self.history.note(kind="press", unit=self.unit, fact="patient_charted", says=said, true_at=seconds_of(answer["at"]), stream="patient")

    def take_large_photo(self):
        """For whoever wants a file to be under way. True: one was taken."""
        with self.hands:
            order = under_way(self.vehicle.state() or {"orders": []})
            return order is not None and self.take_photo(order["assignment"], files.PHOTO_BYTES[1])

    def take_photo(self, assignment, bytes_min=files.PHOTO_BYTES[0]):
        self.photo_at = time.time() + self.camera.uniform(*PHOTO_PAUSE_S)
        content, url = files.photo(self.camera, bytes_min), f"{self.vehicle.terminal}/api/patient/file?assignment={assignment}&patient=1&kind=photo"
        status, answer = files.fetch(url, content)
        if status != 200:
            return False
        said = {"assignment": assignment, "patient": 1, "entry": files.card(content)}
        self.history.note(kind="press", unit=self.unit, fact="patient_charted", says=said, true_at=seconds_of(json.loads(answer)["at"]), stream="patient")
        if self.camera.random() < SLIP:
            # The same photo again, which must not count twice.
            files.fetch(url, content)
        return True

    def sign(self, way, name, role):
        status, _ = ask(f"{self.vehicle.terminal}/api/crew/sign-{way}", {"name": name, "role": role}, "sign", timeout=5)
        if status == 200:
            self.history.note(kind="press", unit=self.unit, fact=f"signed_{way}", says={"unit": self.unit, "name": name})


class Dispatcher(Desk):
    """Gives one vehicle order after order, whether it is to be reached or not, and writes to its crew meanwhile."""

    def __init__(self, vehicle, history, stop, seed):
        super().__init__(vehicle.centre, history, vehicle.unit, stop)
        self.chance, self.number, self.assignment = random.Random(f"{seed} desk {vehicle.unit}"), 0, None

    def run(self):
        while not self.stop.wait(self.chance.uniform(*MESSAGE_PAUSE_S)):
            if self.assignment is None or self.is_over():
                self.order()
            elif self.number < MESSAGES_WAITING_MAX or self.are_few_waiting():
                self.number += 1
                self.write("message", f"/api/v1/units/{self.unit}/messages", {"text": f"{self.unit} {self.number}"})

    def is_over(self):
        status, order = ask(f"{self.centre.api()}/api/v1/assignments/{self.assignment}", timeout=2)
        return status == 200 and any(stamp["stage"] == "available" for stamp in order["stamps"])

    def are_few_waiting(self):
        """Whether the crew's screen has room for all that it was not shown yet."""
        return self.number - self.shown() < MESSAGES_WAITING_MAX

    def shown(self):
        state = next(vehicle for vehicle in self.centre.vehicles if vehicle.unit == self.unit).state()
        numbers = [int(message["text"].split()[-1]) for message in (state or {"messages": []})["messages"]]
        return max(numbers, default=0)

    def order(self):
        call, place = self.call()
        if call is None:
            return
        sketch = {"call": call["id"], "complaint": "胸痛", "triage": {"level": "I", "determinant": None}, "place": place}
        _, incident = self.write("incident", "/api/v1/incidents", sketch)
        if incident is None:
            return
        body = {"unit": self.unit, "reason": "演练"}
        _, order = self.write("order", f"/api/v1/incidents/{incident['id']}/assignments", body, str(uuid.uuid4()))
        self.assignment = order and order["id"]
