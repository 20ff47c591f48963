"""The CAF's software: a database with tables of its own, and workers that only speak SQL. See caf.sql."""

from pathlib import Path

from postgres import Postgres

DATABASE = "caf"


class Caf:
    def __init__(self, server: Postgres):
        self._server = server

    def make_database(self):
        self._server.sql("postgres", f"CREATE DATABASE {DATABASE}")

    def install(self):
        """After the adapter has made its schema."""
        self._server.script(DATABASE, Path(__file__).parent / "caf.sql")

    def work(self) -> int:
        """Answers how many dossiers are still in somebody's hands."""
        return int(self._server.sql(DATABASE, "SELECT caf.work()")[0][0])

    def dossiers(self) -> list[tuple[str, str, str]]:
        """(referral, sender, reference), also when one stands there twice."""
        return [tuple(row) for row in self._server.sql(
            DATABASE, "SELECT referral_id, sender, coalesce(reference, '') FROM caf.dossier ORDER BY number")]

    def refused(self) -> list[str]:
        return [f"{row[0]} {row[1]}" for row in self._server.sql(
            DATABASE, "SELECT kind, coalesce(code, '') FROM relais.outbox WHERE state IN ('refused', 'dead')")]
