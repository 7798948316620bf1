"""Laws that cannot fail prove nothing: a sound history keeps all of them, and each alteration of it breaks the law that it should.

    python3 -m unittest discover -s tests/link -p "*_test.py"
"""

import copy
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "crash")]

import laws
from table import rows

T0 = 1_800_000_000.0
ORDER = "assignment_1"


def time_of(second):
    """2027-01-15T08:00:00Z and so many seconds (less than an hour)."""
    return f"2027-01-15T08:{int(second // 60):02}:{second % 60:06.3f}Z"


def line(second, kind, **more):
    return {"at": T0 + second, "kind": kind, "unit": "A01", **more}


def answer(second, operation, **more):
    return line(second, "answer", operation=operation, status=201, **more)


def event(second, fact, by=None, **says):
    return {"at": time_of(second), "by": by or {"kind": "crew", "unit": "A01"}, "fact": {"fact": fact, **says}}


def stage(name):
    return {"assignment": ORDER, "stage": name, "source": "terminal"}


TROUBLE = {"number": "A01-1", "trouble": "tunnel, 20 s"}
OVER = {**TROUBLE, "seconds": 20, "swallows": True, "swallowed": 12, "round_trip_s": 0.1, "is_sound_after": True}

def vitals(pulse):
    return {"assignment": ORDER, "pulse": pulse}


def photo(sha256):
    return {"assignment": ORDER, "patient": 1, "entry": {"entry": "file", "kind": "photo", "media_type": "image/jpeg", "bytes": 70_000, "sha256": sha256}}


def carded(name, sha256):
    """The press, with what the vehicle and the centre add to it."""
    says = photo(sha256)
    return {**says, "incident": "incident_1", "entry": {**says["entry"], "id": name, "key": "*"}}


def at_centre(name, sha256):
    return line(50, "file", assignment=ORDER, patient=1, file=name, listed=70_000, status=200, bytes=70_000, sha256=sha256)


# Presses before a tunnel and in it, which come after it; an order and two messages, of which one is sent in it; vital signs, of which these laws know
# nothing but what the press says, on a stream of their own; and two photos.
HISTORY = [
    answer(1, "order", answer={"id": ORDER}, body={}),
    line(2, "shown", what="order", thing=ORDER),
    answer(3, "message", answer={}, body={"text": "A01 1"}),
    line(4, "shown", what="message", thing="A01 1"),
    line(5, "press", fact="stage_reported", says=stage("acknowledged"), true_at=T0 + 5),
    line(6, "press", fact="signed_on", says={"unit": "A01", "name": "担架员1"}),
    line(10, "trouble", **TROUBLE, half_way=True),
    line(11, "press", fact="stage_reported", says=stage("rolling"), true_at=T0 + 11),
    line(11.5, "press", fact="signed_off", says={"unit": "A01", "name": "担架员1"}),
    line(12, "press", fact="vital_signs_recorded", says=vitals(88), stream="patient"),
    line(12.5, "press", fact="vital_signs_recorded", says=vitals(91), stream="patient"),
    line(12.6, "press", fact="patient_charted", says=photo("aa"), true_at=T0 + 12.6, stream="patient"),
    line(12.7, "press", fact="patient_charted", says=photo("bb"), true_at=T0 + 12.7, stream="patient"),
    answer(13, "message", answer={}, body={"text": "A01 2"}),
    line(30, "over", **OVER),
    line(32, "heard", **TROUBLE, after_s=2.0),
    line(32.1, "linked", **TROUBLE, after_s=2.1),
    line(33, "shown", what="message", thing="A01 2"),
    at_centre("file_1", "aa"),
    at_centre("file_2", "bb"),
]
EVENTS = [
    event(1, "unit_assigned", by={"kind": "person", "name": "checker"}, assignment=ORDER, unit="A01"),
    event(5.1, "stage_reported", **stage("acknowledged"), at=time_of(5)),
    event(6.1, "signed_on", unit="A01", name="担架员1", role="stretcher"),
    event(31.9, "stage_reported", **stage("rolling"), at=time_of(11)),
    event(31.9, "signed_off", unit="A01", name="担架员1"),
    event(31.91, "vital_signs_recorded", **vitals(88), systolic=120),
    event(31.92, "vital_signs_recorded", **vitals(91), systolic=118),
    event(31.93, "patient_charted", **carded("file_1", "aa"), at=time_of(12.6)),
    event(31.94, "patient_charted", **carded("file_2", "bb"), at=time_of(12.7)),
    event(31.95, "incident_changed", incident="incident_1"),
]


class LawsTest(unittest.TestCase):
    def setUp(self):
        self.history, self.events = copy.deepcopy(HISTORY), copy.deepcopy(EVENTS)

    def breaks(self, *words, **options):
        found = laws.check(self.history, self.events, **options)
        self.assertTrue(found, "the alteration was not found")
        for word in words:
            self.assertTrue(any(word in problem for problem in found), f"{word!r} is not in {found}")

    def find(self, kind, nth=0):
        return [line for line in self.history if line["kind"] == kind][nth]

    def test_a_sound_history_breaks_none(self):
        self.assertEqual(laws.check(self.history, self.events), [])

    def test_a_lost_press(self):
        del self.events[3]
        self.breaks("rolling", "is lost")

    def test_lost_vital_signs(self):
        del self.events[5]
        self.breaks("vital_signs_recorded", "is lost")

    def test_another_value_is_a_lost_press_and_one_that_nobody_pressed(self):
        self.events[5]["fact"]["pulse"] = 89
        self.breaks("is lost", "nobody pressed vital_signs_recorded")

    def test_a_press_of_another_vehicle_does_not_count(self):
        self.events[2]["by"]["unit"] = "A02"
        self.breaks("担架员1", "is lost")

    def test_a_press_twice_on_record(self):
        self.events.append(copy.deepcopy(self.events[2]))
        self.breaks("on record twice")

    def test_presses_out_of_order(self):
        self.events[3], self.events[4] = self.events[4], self.events[3]
        self.breaks("signed_off", "before an earlier press")

    def test_vital_signs_out_of_order(self):
        self.events[5], self.events[6] = self.events[6], self.events[5]
        self.breaks("vital_signs_recorded", "before an earlier press")

    def test_a_lost_card(self):
        del self.events[7]
        self.breaks('"sha256": "aa"', "is lost")

    def test_a_card_twice_on_record_by_whatever_name(self):
        self.events.append(event(40, "patient_charted", **carded("file_3", "aa"), at=time_of(12.6)))
        self.breaks("is on record twice")

    def test_cards_out_of_order(self):
        self.events[7], self.events[8] = self.events[8], self.events[7]
        self.breaks("patient_charted", "before an earlier press")

    def test_a_card_that_says_another_length(self):
        self.events[7]["fact"]["entry"]["bytes"] = 70_001
        self.breaks("is lost", "nobody pressed patient_charted")

    def test_a_file_that_is_not_there(self):
        self.history.remove(self.find("file"))
        self.breaks("is at the centre 0 times")

    def test_a_file_whose_contents_never_came(self):
        self.find("file").update(status=503, bytes=0, sha256="e3b0")
        self.breaks("is at the centre 0 times", "no crew took what is in file_1 of A01 (status 503, 0 of 70000 bytes)")

    def test_a_file_with_other_bytes(self):
        self.find("file")["sha256"] = "ab"
        self.breaks("is at the centre 0 times", "no crew took what is in file_1")

    def test_a_file_of_which_the_list_says_another_length(self):
        self.find("file")["listed"] = 69_999
        self.breaks("no crew took what is in file_1")

    def test_a_file_of_another_patient(self):
        self.find("file")["patient"] = 2
        self.breaks("is at the centre 0 times", "no crew took what is in file_1")

    def test_a_file_twice(self):
        self.history.append({**self.find("file"), "file": "file_3"})
        self.breaks("is at the centre 2 times")

    def test_a_file_that_nobody_took(self):
        self.history.append(at_centre("file_3", "cc"))
        self.breaks("no crew took what is in file_3")

    def test_a_campaign_whose_troubles_met_no_file(self):
        self.find("trouble")["half_way"] = False
        self.breaks("no trouble met a file half way")

    def test_one_stream_may_be_ahead_of_another(self):
        self.events[3:7] = self.events[5:7] + self.events[3:5]
        self.assertEqual(laws.check(self.history, self.events), [])

    def test_a_press_that_nobody_made(self):
        self.events.append(event(40, "stage_reported", **stage("on_scene"), at=time_of(40)))
        self.breaks("nobody pressed stage_reported")

    def test_the_time_of_arrival_in_place_of_the_press(self):
        self.events[3]["fact"]["at"] = time_of(31.9)
        self.breaks("20.9 s away")

    def test_an_order_that_never_came(self):
        self.history.remove(self.find("shown", 0))
        self.breaks("order assignment_1 never came")

    def test_a_message_that_never_came(self):
        self.history.remove(self.find("shown", 2))
        self.breaks("message A01 2 never came")

    def test_a_message_that_came_twice(self):
        self.history.append(copy.deepcopy(self.find("shown", 1)))
        self.breaks("message A01 1 came to A01 twice")

    def test_messages_out_of_order(self):
        first, second = self.find("shown", 1), self.find("shown", 2)
        first["thing"], second["thing"] = second["thing"], first["thing"]
        self.breaks("messages out of order")

    def test_a_refused_message_need_not_come(self):
        self.history.append({**answer(14, "message", answer={}, body={"text": "A01 3"}), "status": 503})
        self.assertEqual(laws.check(self.history, self.events), [])

    def late_by(self, seconds):
        self.find("heard")["after_s"] = seconds
        for late in self.events[3:]:
            late["at"] = time_of(30 + seconds)

    def test_a_gap_too_long(self):
        self.late_by(3.6)
        self.breaks("heard 3.60 s after")
        self.assertEqual(laws.check(self.history, self.events, gap_is_law=False), [])

    def test_a_report_ends_the_gap_as_well_as_a_position(self):
        self.find("heard")["after_s"] = 3.6
        self.assertEqual(laws.check(self.history, self.events), [])

    def test_a_gap_where_the_line_is_bad_after_it(self):
        self.late_by(3.6)
        self.find("over")["is_sound_after"] = False
        self.assertEqual(laws.check(self.history, self.events), [])

    def test_a_vehicle_that_is_never_heard(self):
        self.history.remove(self.find("heard"))
        self.events = [late for late in self.events if late["at"] < time_of(30)]
        self.breaks("was not heard after")

    def test_a_vehicle_that_is_not_linked_again(self):
        self.history.append(line(92, "silent", **TROUBLE, after_s=60.0))
        self.breaks("was not linked again")

    def test_a_vehicle_where_something_waits_for_ever(self):
        self.history.append(line(99, "unsettled", why="2 reports wait"))
        self.breaks("did not settle")

    def test_a_cut_that_swallowed_nothing(self):
        self.find("over")["swallowed"] = 0
        self.breaks("swallowed nothing")

    def test_a_row_tells_what_fell_into_its_trouble(self):
        tunnel, between = rows(self.history, self.events, {"A01": [T0 + second for second in range(10, 25)]})
        self.assertEqual((tunnel["times"], tunnel["pressed"], tunnel["arrived"], tunnel["sent"], tunnel["reached"]), (1, 6, 6, 1, 1))
        self.assertEqual((tunnel["files"], tunnel["half way"]), (2, 1))
        self.assertEqual((tunnel["positions"], tunnel["positions missing"]), (15, 5))
        self.assertEqual((tunnel["gap"]["longest"], tunnel["linked"]["longest"]), (1.9, 2.1))
        self.assertEqual((between["pressed"], between["sent"]), (2, 2))


if __name__ == "__main__":
    unittest.main()
