"""Software with a database of its own: a PostgreSQL, relais-postgres, and the SQL that the institution's developers write."""

import subprocess
import urllib.request

from broker_process import BIN, free_port
from postgres import Postgres

RIGHTS = """
GRANT USAGE ON SCHEMA relais TO relais_adapter;
GRANT SELECT ON relais.meta TO relais_adapter;
GRANT SELECT, INSERT, UPDATE, DELETE ON relais.seen_message, relais.known_referral, relais.known_appointment TO relais_adapter;
GRANT INSERT ON relais.inbox TO relais_adapter;
GRANT SELECT, UPDATE ON relais.outbox TO relais_adapter;
"""


class Database:
    def __init__(self, territory, institution):
        self.institution = institution
        self.process = None
        self._folder = territory.folder
        self._health = free_port()
        self.server = Postgres(territory.folder / f"{institution}-postgres", free_port())
        self._config = territory.folder / f"{institution}.toml"
        self._config.write_text(
            territory.settings(f"postgres-{institution}", [institution]).replace(
                "reconnect_first", f"health_port = {self._health}\nreconnect_first") +
            f'\n[database]\nconnection = "{self.server.conninfo("software", "relais_adapter")}"\npoll_interval = "1s"\n')

    def start(self):
        self.server.start()
        self.server.sql("postgres", "CREATE ROLE relais_adapter LOGIN; CREATE DATABASE software")
        subprocess.run([BIN / "relais-postgres", "--install", self.server.conninfo("software")], check=True, capture_output=True)
        self.server.sql("software", RIGHTS)
        with open(self._folder / f"{self.institution}.log", "ab") as log:
            self.process = subprocess.Popen([BIN / "relais-postgres", self._config], stderr=log, stdout=log)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
        self.server.stop()

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._health}/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def inbox(self, kind):
        """The contents of what came in, as JSON by category, oldest first."""
        return [row[0] for row in self.server.sql(
            "software", f"SELECT coalesce(contents::text, '{{}}') FROM relais.inbox WHERE kind = '{kind}' ORDER BY number")]

    def kinds(self, *kinds):
        return sum(len(self.inbox(kind)) for kind in kinds)

    def say(self, kind, **columns):
        """About the referral that came in last."""
        names = "".join(f", {name}" for name in columns)
        values = "".join(f", '{value}'" for value in columns.values())
        self.server.sql("software", f"INSERT INTO relais.outbox (kind, referral_id{names}) SELECT '{kind}', referral_id{values} "
                        "FROM relais.inbox WHERE kind = 'referral_requested' ORDER BY number DESC LIMIT 1")
