"""Appointments between an institution that keeps a calendar on a CalDAV server and one with an adapter of the Python SDK."""

import datetime
import re
import subprocess
import time
import unittest
import uuid
import zoneinfo

from broker_process import BIN
from radicale_server import PASSWORD, USER, Radicale, changed
from world import CAF, CCAS, PURPOSE, Listening, World

import relais
from relais.v1 import appointment_pb2, content_pb2

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
PATIENCE_S = 60.0
HALF_HOUR_MS = 1_800_000

EXCHANGE = """
[[exchange]]
institution = "{institution}"
url = "{url}"
user = "{user}"
password_file = "password"
look_every = "1s"
retry_first = "1s"
timeout = "10s"
referrals = "accept"
fulfilled = ["CATEGORIES:Venu"]
no_show = ["CATEGORIES:Absent"]
"""


def at(day, hour, minute=0):
    """A moment of next year, by the clock in Paris: before and after the clocks change."""
    year = datetime.datetime.now().year + 1
    return int(datetime.datetime(year, *day, hour, minute, tzinfo=PARIS).timestamp() * 1000)


SUMMER, WINTER = (7, 6), (12, 7)


def local(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, PARIS).strftime("%Y%m%dT%H%M%S")


def lines(event):
    """Property to value, of the event alone: unfolded, without parameters."""
    text = re.sub(r"\r?\n[ \t]", "", event)
    inside = re.search(r"BEGIN:VEVENT(.*)END:VEVENT", text, re.S).group(1)
    return dict(re.split(r"[;:][^:]*:|:", line, maxsplit=1) for line in inside.split() if ":" in line)


def moved(event, start_ms, **more):
    """As a person would: by the local clock, without touching anything else."""
    text = re.sub(r"\r?\n[ \t]", "", event)
    for name, ms in (("DTSTART", start_ms), ("DTEND", start_ms + HALF_HOUR_MS)):
        text = re.sub(rf"(BEGIN:VEVENT.*?){name}[;:][^\r\n]*", rf"\g<1>{name};TZID=Europe/Paris:{local(ms)}", text,
                      count=1, flags=re.S)
    return changed(text, **more)


class Calendar:
    """relais-calendar as a process."""

    def __init__(self, broker, radicale, institution):
        self._log = broker.folder / "calendar.log"
        self.config = broker.folder / "calendar.toml"
        password = broker.folder / "password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        self.config.write_text(broker.settings("calendar", [institution]) +
                               EXCHANGE.format(institution=institution, url=radicale.url, user=USER))
        self.process = None

    def check(self):
        return subprocess.run([BIN / "relais-calendar", "--check", self.config], capture_output=True, text=True)

    def start(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([BIN / "relais-calendar", self.config], stderr=log, stdout=log)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log(self):
        return self._log.read_text() if self._log.exists() else ""


class CalendarTest(World):
    def setUp(self):
        super().setUp()
        self.radicale = Radicale(self.folder / "radicale")
        self.addCleanup(self.radicale.kill)
        self.radicale.start()
        self.calendar = Calendar(self.broker, self.radicale, CAF)
        self.addCleanup(self.calendar.kill)
        checked = self.calendar.check()
        self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
        self.calendar.start()
        self.desk = Listening()
        self.ccas = self.adapter(CCAS, self.desk)

    def tearDown(self):
        self.assertNotIn("CANARI", self.calendar.log())
        self.assertNotIn(PASSWORD, self.calendar.log())

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            if time.monotonic() > end:
                self.fail(f"{what} did not happen\n{self.desk.kinds()}\n{self.calendar.log()[-4000:]}\n"
                          f"{self.radicale.events()}\n{self.broker.log()[-2000:]}")
            time.sleep(0.05)
        return found

    def refer(self):
        referral = relais.new_id()
        person = content_pb2.Identity(family_name="CANARI", given_names="Camille")
        self.ccas.submit(relais.draft("referral_requested", [person], recipients=[CAF], purpose=PURPOSE,
                                      referral_id=referral))
        self.wait(lambda: self.heard("referral_accepted", referral), "the acceptance")
        return referral

    def say(self, kind, referral, appointment, start_ms=None):
        body = None
        if start_ms:
            meeting = appointment_pb2.Meeting(start_ms=start_ms, end_ms=start_ms + HALF_HOUR_MS)
            body = {"appointment_proposed": lambda: appointment_pb2.AppointmentProposed(meeting=meeting),
                    "appointment_held": lambda: appointment_pb2.AppointmentHeld(meeting=meeting,
                                                                                expires_at_ms=at((1, 2), 12)),
                    "appointment_rescheduled": lambda: appointment_pb2.AppointmentRescheduled(meeting=meeting)}[kind]()
        if kind == "appointment_cancelled":
            body = appointment_pb2.AppointmentCancelled(by=appointment_pb2.CANCELLED_BY_PERSON, reason=2)
        self.ccas.submit(relais.draft(kind, referral_id=referral, appointment_id=appointment, body=body))

    def book(self, referral, start_ms):
        """By the guest: held, then confirmed."""
        appointment = relais.new_id()
        self.say("appointment_held", referral, appointment, start_ms)
        self.say("appointment_booked", referral, appointment)
        self.wait(lambda: self.shows(appointment, STATUS="CONFIRMED", DTSTART=start_ms), "the event")
        return appointment

    def heard(self, kind, referral=None, appointment=None):
        return [message for message in list(self.desk.seen) if message.kind == kind
                and referral in (None, message.envelope.referral_id)
                and appointment in (None, message.envelope.appointment_id)]

    @staticmethod
    def name(appointment):
        return f"{uuid.UUID(bytes=appointment)}.ics"

    def event(self, appointment):
        return self.radicale.events().get(self.name(appointment))

    def shows(self, appointment, **wanted):
        event = self.event(appointment)
        if event is None:
            return None
        said = lines(event)
        for name, value in wanted.items():
            if isinstance(value, int):
                value = local(value)
            if said.get(name) != value:
                return None
        return event

    def test_an_appointment_lives_in_both_places(self):
        referral = self.refer()
        self.radicale.put("coiffeur.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//Y//EN\r\nBEGIN:VEVENT\r\n"
                          "UID:coiffeur\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270101T090000Z\r\n"
                          "SUMMARY:Coiffeur\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
        appointment = relais.new_id()
        self.say("appointment_proposed", referral, appointment, at(SUMMER, 9))
        event = self.wait(lambda: self.shows(appointment, STATUS="TENTATIVE", DTSTART=at(SUMMER, 9)), "the event")
        self.assertEqual(f"{uuid.UUID(bytes=appointment)}@relais", lines(event)["UID"])
        self.assertNotIn("CANARI", event)
        self.assertNotIn("METHOD", event)
        self.assertIn("BEGIN:VTIMEZONE", event)
        # Confirmed there: booked here.
        self.radicale.put(self.name(appointment), changed(event, STATUS="CONFIRMED"))
        self.wait(lambda: self.heard("appointment_booked", referral, appointment), "the booking")
        # Rescheduled here: moved there, across the change of the clocks; a text of theirs stays.
        self.radicale.put(self.name(appointment), changed(self.event(appointment), COMMENT="salle-2"))
        before = int(lines(self.event(appointment)).get("SEQUENCE", "0"))
        self.say("appointment_rescheduled", referral, appointment, at(WINTER, 9))
        event = self.wait(lambda: self.shows(appointment, DTSTART=at(WINTER, 9), COMMENT="salle-2"), "the move")
        self.assertEqual(before + 1, int(lines(event)["SEQUENCE"]))
        # Moved there: rescheduled here.
        self.radicale.put(self.name(appointment), moved(event, at(WINTER, 14, 15)))
        message, = self.wait(lambda: self.heard("appointment_rescheduled", referral, appointment), "the reschedule")
        meeting = message.envelope.appointment_rescheduled.meeting
        self.assertEqual((at(WINTER, 14, 15), at(WINTER, 14, 45)), (meeting.start_ms, meeting.end_ms))
        # Deleted there: cancelled here, and not put back.
        self.radicale.delete(self.name(appointment))
        message, = self.wait(lambda: self.heard("appointment_cancelled", referral, appointment), "the cancellation")
        self.assertEqual(appointment_pb2.CANCELLED_BY_INSTITUTION, message.envelope.appointment_cancelled.by)
        time.sleep(2.5)
        self.assertEqual({"coiffeur.ics"}, set(self.radicale.events()))
        self.assertEqual(1, len(self.heard("appointment_rescheduled")))
        self.assertEqual(1, len(self.heard("appointment_booked")))

    def test_marks_say_who_came_and_what_can_not_be_said_is_put_back(self):
        referral = self.refer()
        came, absent, off, again = (self.book(referral, at(SUMMER, hour)) for hour in (9, 10, 11, 12))
        self.radicale.put(self.name(came), changed(self.event(came), CATEGORIES="venu"))
        self.radicale.put(self.name(absent), changed(self.event(absent), CATEGORIES="Absent"))
        self.radicale.put(self.name(off), changed(self.event(off), STATUS="CANCELLED"))
        self.wait(lambda: self.heard("appointment_fulfilled", referral, came), "who came")
        self.assertTrue(self.heard("appointment_arrived", referral, came))
        self.wait(lambda: self.heard("appointment_no_show", referral, absent), "who did not")
        self.wait(lambda: self.heard("appointment_cancelled", referral, off), "the cancellation")
        # An older SEQUENCE, and a series: neither becomes a message.
        self.say("appointment_rescheduled", referral, again, at(SUMMER, 15))
        event = self.wait(lambda: self.shows(again, DTSTART=at(SUMMER, 15)), "the move")
        self.radicale.put(self.name(again), moved(event, at(SUMMER, 8), SEQUENCE="0"))
        event = self.wait(lambda: self.shows(again, DTSTART=at(SUMMER, 15)), "what was there")
        event = changed(event, RRULE="FREQ=DAILY;COUNT=3")
        self.radicale.put(self.name(again), event)
        self.wait(lambda: "RRULE" not in lines(self.event(again) or event), "what was there")
        self.assertIn("ne se répète pas", re.sub(r"\r?\n[ \t]", "", self.event(again)))
        self.assertIn("rule=event.recurring", self.calendar.log())
        # Both at once, while nobody looks: the broker refuses the move, and the calendar shows the cancellation.
        self.calendar.kill()
        self.radicale.put(self.name(again), moved(self.event(again), at(SUMMER, 17)))
        self.say("appointment_cancelled", referral, again)
        self.wait(lambda: self.ccas.health().outbox_messages == 0, "the receipt")
        self.calendar.start()
        self.wait(lambda: self.shows(again, STATUS="CANCELLED"), "the cancellation")
        self.assertEqual([], self.heard("appointment_rescheduled"))

    def test_nothing_is_lost_or_repeated_when_anything_is_killed(self):
        referrals = [self.refer() for _ in range(3)]
        kept = self.book(referrals[0], at(SUMMER, 9))
        # The server is down: the messages wait, and the adapter is killed as well.
        self.radicale.kill()
        appointments = []
        for number, referral in enumerate(referrals):
            for hour in (10, 11, 12):
                appointments.append((relais.new_id(), at(SUMMER, hour, number)))
                self.say("appointment_proposed", referral, *appointments[-1])
        self.wait(lambda: "calendar is held up" in self.calendar.log(), "the fault")
        self.calendar.kill()
        self.radicale.start()
        for pause in (0.2, 0.4, 0.6, 0.8):
            self.calendar.start()
            time.sleep(pause)
            self.calendar.kill()
        self.calendar.start()
        for appointment, start_ms in appointments:
            self.wait(lambda: self.shows(appointment, STATUS="TENTATIVE", DTSTART=start_ms), "the event")
        self.assertEqual(len(appointments) + 1, len(self.radicale.events()))
        # Changed while nobody looks, with a sync token that the server has forgotten, and looked at by many processes.
        self.calendar.kill()
        self.radicale.put(self.name(kept), moved(self.event(kept), at(WINTER, 9)))
        confirmed, gone = appointments[0][0], appointments[1][0]
        self.radicale.put(self.name(confirmed), changed(self.event(confirmed), STATUS="CONFIRMED"))
        self.radicale.delete(self.name(gone))
        self.radicale.forget_history()
        for pause in (0.3, 0.5, 0.7, 0.9):
            self.calendar.start()
            time.sleep(pause)
            self.calendar.kill()
        self.calendar.start()
        self.wait(lambda: self.heard("appointment_rescheduled", referrals[0], kept), "the reschedule")
        self.wait(lambda: self.heard("appointment_booked", None, confirmed), "the booking")
        self.wait(lambda: self.heard("appointment_cancelled", None, gone), "the cancellation")
        time.sleep(2.5)
        kinds = self.desk.kinds()
        self.assertEqual([1, 1, 1], [kinds.count(f"appointment_{kind}") for kind in ("rescheduled", "booked", "cancelled")])
        self.assertIn("sync token refused", self.calendar.log())


if __name__ == "__main__":
    unittest.main()
