"""The CAF's software: a database with tables of its own, and workers that only speak SQL. See caf.sql."""

from pathlib import Path

from postgres import Postgres

DATABASE = "caf"
ADAPTER = "relais_adapter"  # role of relais-postgres
_SOFTWARE = "software"      # role of the CAF's software
_HERE = Path(__file__).parent


class Caf:
    def __init__(self, server: Postgres):
        self._server = server

    def make_database(self):
        for role in (ADAPTER, _SOFTWARE):
            self._server.sql("postgres", f"CREATE ROLE {role} LOGIN")
        self._server.sql("postgres", f"CREATE DATABASE {DATABASE}")

    def install(self):
        """After relais-postgres --install has made its schema."""
        self._server.script(DATABASE, _HERE / "caf-rights.sql")
        self._server.script(DATABASE, _HERE / "caf.sql", _SOFTWARE)

    def work(self) -> int:
        """Answers how many dossiers are still in somebody's hands."""
        return int(self._server.sql(DATABASE, "SELECT caf.work()", _SOFTWARE)[0][0])

    def dossiers(self) -> list[tuple[str, str, str]]:
        """(referral, sender, reference), also when one stands there twice."""
        return [tuple(row) for row in self._server.sql(
            DATABASE, "SELECT referral_id, sender, coalesce(reference, '') FROM caf.dossier ORDER BY number", _SOFTWARE)]

    def refused(self) -> list[str]:
        return [f"{row[0]} {row[1]}" for row in self._server.sql(
            DATABASE, "SELECT kind, coalesce(code, '') FROM relais.outbox WHERE state IN ('refused', 'dead')", _SOFTWARE)]
