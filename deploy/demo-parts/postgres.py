"""A PostgreSQL 15 of the demo's own: its own folder, its own port, no system service."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from processes import Program, StartFailed

_PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def _user() -> tuple[int, int] | None:
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
        except KeyError:
            continue
    raise StartFailed("PostgreSQL does not run as root, and there is no user postgres")


def _reachable(folder: Path) -> bool:
    """Whether another user may walk to `folder`; not so below a private home folder."""
    return all(os.stat(parent).st_mode & 0o001 for parent in folder.resolve().parents if parent.exists())


class Postgres:
    def __init__(self, folder: Path, port: int):
        self.port = port
        self._user = _user()
        self._borrowed = self._user is not None and not _reachable(folder)
        self._folder = Path(tempfile.mkdtemp(prefix="relais-postgres-")) if self._borrowed else folder
        self.program = Program("postgres", [_PROGRAMS / "postgres", "-D", self._folder / "data"], self._folder / "server.log",
                               user=self._user, stop_signal=signal.SIGINT)

    def start(self):
        if not (_PROGRAMS / "postgres").exists():
            raise StartFailed("PostgreSQL 15 is not installed: deploy/install-packages --demo")
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._user:
            os.chown(self._folder, *self._user)
        maker = Program("initdb", [_PROGRAMS / "initdb", "-D", self._folder / "data", "-U", "postgres", "-A", "trust", "-E",
                                   "UTF8", "--locale", "C", "-N"], self._folder / "initdb.log", user=self._user)
        maker.start()
        if maker.wait() != 0:
            raise StartFailed(f"initdb failed:\n{maker.last_words()}")
        with open(self._folder / "data/postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n"
                           "shared_buffers = 32MB\nmax_connections = 30\n")
        self.program.start()
        self.program.wait_until(self._answers, 60, "ready")

    def stop(self):
        self.program.stop()
        if self._borrowed:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        return subprocess.run([_PROGRAMS / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def conninfo(self, database: str, user: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user}"

    def sql(self, database: str, text: str, user: str = "postgres") -> list[list[str]]:
        """Runs statements; answers the rows of the last one that has any."""
        answer = subprocess.run([shutil.which("psql") or _PROGRAMS / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v",
                                 "ON_ERROR_STOP=1", self.conninfo(database, user)], input=text, capture_output=True, text=True,
                                encoding="utf-8", check=False)
        if answer.returncode != 0:
            raise RuntimeError(f"SQL failed: {answer.stderr.strip()}")
        return [line.split("\x1f") for line in answer.stdout.splitlines() if line]

    def script(self, database: str, path: Path, user: str = "postgres"):
        self.sql(database, path.read_text(encoding="utf-8"), user)
