"""An adapter for tests, as a process that kills itself by SIGKILL at one chosen instant.

Table [child]: `ledger`, a file to which one line for each effect is added; `recipient`, whom it refers persons to.
Environment: CHILD_SUBMIT, "SCOPE COUNT" of the requests to submit; CHILD_DIE, the instant:

  submitted  when submit() has returned for half of them
  sending    before the first submission leaves
  sent       when it has left
  receipt    when the first receipt is here, before anything noted it
  delivery   when a message reached the handler, before its effect
  effect     after the effect, before the message is noted as handled
  noted      once it is noted as handled, before the settlement leaves
  settled    when the settlement has left
"""

import os
import signal
import sys
import threading
from pathlib import Path

import relais
from relais.broker_socket import BrokerSocket
from relais.v1 import content_pb2, frames_pb2, referral_pb2


def die_at(instant):
    if os.environ.get("CHILD_DIE") == instant:
        os.kill(os.getpid(), signal.SIGKILL)


class DyingSocket(BrokerSocket):
    def send(self, frame):
        said = frames_pb2.AdapterFrame.FromString(frame)
        if said.submits:
            die_at("sending")
        if said.settles:
            die_at("noted")
        taken = super().send(frame)
        if taken and said.submits:
            die_at("sent")
        if taken and said.settles:
            die_at("settled")
        return taken


class Child(relais.Handler):
    ledger = Path()
    recipient = ""

    def read_tables(self, whole, folder):
        table = whole.table("child")
        if table:
            self.ledger, self.recipient = Path(table.needed_text("ledger", "a file")), table.text("recipient")
            table.finish()

    def start(self, adapter):
        self.adapter = adapter
        threading.Thread(target=self.submit, daemon=True).start()

    def submit(self):
        words = os.environ.get("CHILD_SUBMIT", "").split()
        if not words:
            return
        while not self.adapter.wait_for_network(1.0):
            pass
        scope, count = words[0], int(words[1])
        for number in range(count):
            name = f"{scope}-{number}"
            person = content_pb2.Identity(family_name=name)
            referral_id = relais.named_id("child referral", name)
            self.adapter.submit(
                relais.draft("referral_requested", [person], message_id=relais.named_id("child", name), referral_id=referral_id,
                             case_id=relais.named_id("child case", name), recipients=[self.recipient],
                             purpose="access_to_rights"),
                notes={referral_id.hex(): name.encode()})
            if number + 1 == count // 2:
                die_at("submitted")

    def on_message(self, message):
        die_at("delivery")
        note = message.envelope.referral_id.hex()
        person = message.content(content_pb2.Identity)
        name = person.family_name if person else (self.adapter.notes.get(note) or b"?").decode()
        line = f"{message.kind} {name} {message.envelope.message_id.hex()}"
        if not (message.maybe_repeated and line in self.ledger.read_text().splitlines()):
            self.add(line)
        die_at("effect")
        if message.kind != "referral_requested":
            return relais.handled()
        done = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)
        return relais.handled([message.reply("referral_accepted"), message.reply("referral_completed", body=done)],
                              notes={note: name.encode()})

    def on_receipt(self, message_id, position):
        die_at("receipt")

    def on_refused(self, message_id, refusal):
        self.add(f"refused {refusal.code} {message_id.hex()}")

    def add(self, line):
        with open(self.ledger, "a", encoding="utf-8") as file:
            file.write(line + "\n")


if __name__ == "__main__":
    relais.session.BrokerSocket = DyingSocket
    child = Child()
    sys.exit(relais.run_adapter("child", lambda config: child, read_tables=child.read_tables))
