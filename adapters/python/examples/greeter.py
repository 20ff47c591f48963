#!/usr/bin/python3
"""Refers one person to each institution in its settings, and accepts every referral that comes."""
import sys
import threading
from pathlib import Path

import relais
from relais.v1.content_pb2 import Identity


class Greeter(relais.Handler):
    recipients: list[str] = []

    def read_tables(self, whole: relais.Table, folder: Path) -> None:
        if table := whole.table("greeter"):
            self.recipients = table.texts("recipients")
            table.finish()

    def start(self, adapter: relais.Adapter) -> None:
        threading.Thread(target=self.greet, args=[adapter], daemon=True).start()

    def greet(self, adapter: relais.Adapter) -> None:
        while not adapter.wait_for_network(1.0) and not adapter.failed.is_set():
            pass
        for recipient in self.recipients:
            message_id = relais.named_id("greeter", recipient)  # after a restart: not a second time
            adapter.submit(relais.draft("referral_requested", [Identity(family_name="Exemple")], message_id=message_id,
                                        recipients=[recipient], purpose="access_to_rights"))

    def on_message(self, message: relais.Incoming) -> relais.Verdict:
        asked = message.kind == "referral_requested"
        return relais.handled([message.reply("referral_accepted")] if asked else [])


if __name__ == "__main__":
    greeter = Greeter()
    sys.exit(relais.run_adapter("relais-greeter", lambda config: greeter, read_tables=greeter.read_tables))
