"""Names, numbers and notes planted in contents are nowhere at the broker: not in its memory, on its disk, in its logs, figures,
answers or traffic, after a run of real adapters with everything that can go wrong in it. What must be found is found."""

import datetime
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from unittest import mock

import relais
from broker_process import control
from relais.v1 import announcement_pb2, appointment_pb2, content_pb2, referral_pb2
from scenario import Desk, Scenario
from searching import Planted, Recorder
from territory import Territory

CCAS, CAF, DEPARTEMENT, WITNESS = "ccas-25056", "caf-25", "departement-25", "temoin-93b1f0c7"
RIGHTS = "access_to_rights"
RANDOM = os.urandom(6).hex()
SECRETS = {what: f"Canari{what}{RANDOM}" for what in ("Nom", "Prenom", "Note", "Sante", "Refuse", "Mort", "Question", "Telephone", "Fichier", "Rendezvous", "Partage", "Annonce")}
NUMBER = "27307994040" + f"{int(RANDOM[:4], 16) % 100:02}"
PLANTED = Planted({"a secret": RANDOM, "the number": NUMBER})  # each secret ends with it: no part of one goes unseen
FOUND = Planted({"witness": WITNESS})
CONNECTED = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)


class Watched(Territory):
    """All adapters reach its broker through a port that records."""

    def __init__(self, story, beside):
        super().__init__(story, beside)
        self.recorder = Recorder(self.port)

    def settings(self, name, institutions, keys=None, endpoints=None):
        return super().settings(name, institutions, keys, endpoints or [f"tcp://127.0.0.1:{self.recorder.port}"])

    def close(self):
        self.recorder.close()
        super().close()

    def data_files(self):
        return sorted([*(self.folder / "data").rglob("*"), *self.backups.rglob("*")])

    @property
    def backups(self):
        return self.folder / "backups"

    def answers(self):
        """Every answer of the operators' API, and the figures: (path, status, body)."""
        wanted = {"institution": [WITNESS, CAF],
                  "message_id": [one["message_id"] for one in self.ask("/api/v1/messages")["messages"]],
                  "referral_id": [one["referral_id"] for one in self.open_referrals()]}
        wanted["id"] = wanted["message_id"] + wanted["referral_id"]
        wanted["number"] = ["1"]
        for path, body in TOLD.items():
            yield path, *self.answer(path, body=body | {"operator": "Camille", "reason": "canary"})
        backups = {"folder": str(self.backups), "operator": "Camille", "reason": "canary"}
        yield "/api/v1/backups", *self.answer("/api/v1/backups", body=backups)
        needed = NEEDED | dict.fromkeys(("/api/v1/backups", "/api/v1/backups/{number}"), f"?folder={self.backups}")
        for path, methods in self.ask("/openapi.json")["paths"].items():
            if "get" not in methods:
                continue
            name = re.search(r"\{(\w+)\}", path)
            for value in wanted[name[1]] if name else [""]:
                yield path, *self.answer(re.sub(r"\{\w+\}", value, path) + needed.get(path, ""))

    def answer(self, path, port=None, body=None):
        """(status, body); a refusal is an answer, too. With a body: a POST."""
        url = f"http://127.0.0.1:{port}{path}" if port else self.url(path)
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()


TODAY = datetime.date.today().isoformat()
# What some of them can not be asked without.
NEEDED = {"/api/v1/indicators": "?month=2026-01", "/api/v1/digest": f"?day={TODAY}",
          "/api/v1/statement": f"?agreement=tous&from={TODAY}&until={TODAY}",
          "/api/v1/delivery-log": f"?institution={WITNESS}"}
# What is told: an act shown before it is done, one that concerns contents, and one that is refused.
TOLD = {"/api/v1/dead-letters/many": {"action": "discard", "filter": {"recipient": DEPARTEMENT}, "dry_run": True},
        "/api/v1/contents/purge": {}, "/api/v1/dead-letters/requeue": {"recipient": CAF, "position": 1, "ordinal": 0}}
# Nobody tests himself here, nobody logs in elsewhere, and that is no dead letter: these refuse.
REFUSED = {"/api/v1/self-tests/{message_id}", "/api/v1/dead-letters/requeue", "/api/v1/login/provider", "/api/v1/login/provider/return"}


class Departement(Desk):
    """Takes most in charge, asks back, and can not read one of them."""

    def on_message(self, message):
        identity = message.content(content_pb2.Identity)
        if identity and identity.family_name == SECRETS["Mort"]:
            return relais.reject("software.refuses")
        return super().on_message(message)


class Canary(Scenario):
    STORY = os.path.dirname(os.path.abspath(__file__))
    TERRITORY = Watched

    def setUp(self):
        super().setUp()
        self.ccas, self.caf = self.counter(CCAS), self.database(CAF)
        self.departement = Departement({"referral_requested": lambda message: [
            message.reply("referral_accepted"),
            message.reply("information_requested", [content_pb2.Note(text=SECRETS["Question"])])]})
        adapter = self.adapter(DEPARTEMENT, self.departement)
        self.wait(lambda: adapter.wait_for_network(0.1), "the network definition")

    def refer(self, number, recipient, **more):
        self.ccas.say(Numero=number, Evenement="orientation", Destinataire=recipient, Finalite=RIGHTS, **{
            "Nom": SECRETS["Nom"], "Prenom": SECRETS["Prenom"], "NIR": NUMBER, "Note": SECRETS["Note"], "Sante": SECRETS["Sante"],
            "Logement": SECRETS["Telephone"], **more})

    def run_everything(self):
        self.refer("1", CAF)
        self.refer("2", DEPARTEMENT)
        self.refer("3", WITNESS)                               # waits: its adapter does not run
        self.refer("4", DEPARTEMENT, Nom=SECRETS["Mort"])      # ends among the dead letters
        self.refer("5", "nobody", Nom=SECRETS["Refuse"])       # refused by the adapter
        self.refer(SECRETS["Fichier"], CAF, NIR="1")           # a number that is none
        part = self.ccas.root / "in" / f"{SECRETS['Fichier']}.csv.part"
        part.write_text(f"{SECRETS['Refuse']};{SECRETS['Nom']}\r\nrien\r\n")  # a file that nobody can read
        part.rename(part.with_suffix(""))
        self.wait(lambda: self.caf.inbox("referral_requested"), "the referral to the CAF")
        self.wait(lambda: self.departement.of("referral_requested"), "the referral to the département")
        with mock.patch("relais.preparation.minimise", lambda contents, envelope, network: (
                [relais.Content(one.message, list(envelope.recipients)) for one in contents], ())):
            careless = self.departement.adapter.submit(relais.draft(
                "referral_requested", [content_pb2.Identity(family_name=SECRETS["Refuse"]), content_pb2.Health(need=SECRETS["Sante"])],
                recipients=[CAF], purpose=RIGHTS))
        self.assertEqual("secrecy.mission", self.refused(self.departement, careless).code)
        self.speak_of_more_than_the_referral()
        self.caf.say("referral_accepted")
        self.caf.say("information_provided", contents=json.dumps({"note": {"text": SECRETS["Note"]}}))
        self.wait(lambda: self.territory.ask("/api/v1/dead-letters")["dead_letters"], "the dead letter")

    def speak_of_more_than_the_referral(self):
        """A meeting with a word beside it, a note in the case, and a word to everybody."""
        asked = self.departement.of("referral_requested")[0]
        begins = int(time.time() * 1000) + 86_400_000
        meeting = appointment_pb2.Meeting(start_ms=begins, end_ms=begins + 1_800_000)
        for draft in (
                asked.reply("appointment_booked", [content_pb2.Note(text=SECRETS["Rendezvous"])], appointment_id=relais.new_id(),
                            body=appointment_pb2.AppointmentBooked(meeting=meeting)),
                relais.draft("note_shared", [content_pb2.Note(text=SECRETS["Partage"])], case_id=asked.envelope.case_id,
                             recipients=[CCAS], purpose=RIGHTS),
                relais.draft("announcement_made", [content_pb2.Note(text=SECRETS["Annonce"])], purpose=RIGHTS,
                             body=announcement_pb2.AnnouncementMade())):
            self.departement.adapter.submit(draft)
        for kind in ("appointment_booked", "note_shared", "announcement_made"):
            self.wait(lambda wanted=kind: any(one["kind"] == wanted for one in self.territory.ask("/api/v1/messages")["messages"]),
                      f"{kind} at the broker")

    def finish(self):
        self.caf.say("referral_completed", outcome="connected")
        request = next(message for message in self.departement.of("referral_requested"))
        self.departement.adapter.submit(request.reply("referral_completed", body=CONNECTED))
        for number in ("1", "2"):
            self.hears(self.ccas, number, "referral_completed", "connected")

    def clean(self, where, found):
        self.assertFalse(found, f"planted in contents and found in {where}")

    def memory_is_clean(self):
        found, looked_at = PLANTED.in_memory(self.territory.process.pid)
        self.clean("the broker's memory", found)
        self.assertEqual({"witness"}, FOUND.in_memory(self.territory.process.pid)[0])
        return looked_at

    def test_what_is_sealed_is_nowhere_at_the_broker(self):
        self.run_everything()
        memory = self.memory_is_clean()
        self.territory.kill()
        self.territory.start()  # what it reads again from its disk is in its memory too
        self.finish()
        memory = max(memory, self.memory_is_clean())

        # They did pass: the institutions have them, and what looks for them here finds them there.
        self.assertIn(SECRETS["Note"], self.caf.inbox("referral_requested")[0])
        passed_on = self.departement.of("referral_requested")[0].content(content_pb2.Note)
        self.assertEqual(SECRETS["Note"], passed_on.text)
        self.assertTrue(PLANTED.in_files(self.ccas.root.rglob("*")))
        holder = subprocess.Popen(["sleep", "60"], env={"HELD": SECRETS["Nom"]})
        self.addCleanup(lambda: (holder.kill(), holder.wait()))
        self.wait(lambda: PLANTED.in_memory(holder.pid)[0] == {"a secret"}, "what another process holds")

        answers = {}
        for path, status, answer in self.territory.answers():
            self.clean(path, PLANTED.in_bytes(answer))
            if status == 200:
                answers[path] = answers.get(path, b"") + answer
            else:
                self.assertIn(path, REFUSED, answer)
        for path in ("/metrics", "/api/v1/network", "/api/v1/queues", "/api/v1/dead-letters/reasons"):
            self.assertIn(path, answers)
        self.assertTrue(FOUND.in_bytes(answers["/metrics"]) and FOUND.in_bytes(answers["/api/v1/queues"]))

        traffic = self.traffic_is_clean()
        logs = [self.territory.folder / "relaisd.log", *(self.territory.folder / f"{one}.log" for one in (CCAS, CAF))]
        self.assertEqual({}, PLANTED.in_files(logs))
        self.assertTrue(all(path.stat().st_size for path in logs))

        self.territory.process.terminate()
        self.territory.process.wait(60)
        disk = [path for path in self.territory.data_files() if path.is_file()]
        self.assertEqual({}, PLANTED.in_files(disk))
        self.assertTrue(FOUND.in_files(disk))
        dump = control("journal", "dump", "--data", self.territory.folder / "data").encode()
        self.clean("the journal", PLANTED.in_bytes(dump))
        self.assertTrue(FOUND.in_bytes(dump))
        print(f"looked at: memory {memory >> 20} MiB, disk {sum(path.stat().st_size for path in disk) >> 10} KiB in {len(disk)} files, "
              f"traffic {traffic >> 10} KiB, {len(answers)} kinds of answer")

    def traffic_is_clean(self):
        recorded = self.territory.recorder.recorded()
        for data in recorded:
            self.clean("the traffic", PLANTED.in_bytes(data))
        self.assertTrue(any(b"CURVE" in data for data in recorded))  # what is said of oneself before everything is encrypted
        plain = Recorder(self.territory.admin_port)
        self.addCleanup(plain.close)
        self.territory.answer("/api/v1/queues", plain.port)
        self.assertTrue(any(FOUND.in_bytes(data) for data in plain.recorded()))
        return sum(map(len, recorded))
