"""An institution's software that drops files into folders and takes them away, and the relais-files between."""

import csv
import subprocess

from broker_process import BIN

EXCHANGE = """
[[exchange]]
institution = "{institution}"
folder = "{institution}"
complete = "rename"
poll = "1s"
"""


class Folders:
    """`reads_and_writes`: the tables [[exchange.read]] and [[exchange.write]]. Another institution's folders are of the same
    process when `beside` names them. `more`: further tables of the process's settings."""

    def __init__(self, broker, institution, reads_and_writes, beside=(), more=""):
        self.root = broker.folder / institution
        self.process = None
        self._count = 0
        self._config = broker.folder / f"{institution}.toml"
        self._log = broker.folder / f"{institution}.log"
        served = [institution, *beside]
        self._config.write_text(broker.settings(f"files-{institution}", served) + more + "".join(
            EXCHANGE.format(institution=one) + reads_and_writes for one in served))

    def check(self):
        return subprocess.run([BIN / "relais-files", "--check", self._config], capture_output=True, text=True)

    def start(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([BIN / "relais-files", self._config], stderr=log, stdout=log)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def ready(self):
        return (self.root / "work" / ".relais").is_file()

    def drop(self, rows):
        self._count += 1
        part = self.root / "in" / f"{self._count}.csv.part"
        part.write_text("".join(";".join(row) + "\r\n" for row in rows))
        part.rename(part.with_suffix(""))

    def take(self):
        """Rows of the files in `out`, which are then gone."""
        rows = []
        for file in sorted((self.root / "out").iterdir()):
            with open(file, newline="", encoding="utf-8") as text:
                rows += list(csv.DictReader(text, delimiter=";"))
            file.unlink()
        return rows

    def rejects(self):
        return "\n".join(file.read_text() for file in sorted((self.root / "rejects").iterdir()))

    def log(self):
        return self._log.read_text()
