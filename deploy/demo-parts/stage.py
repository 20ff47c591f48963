"""Everything that the demo starts, and everybody who plays in it."""

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from caf import ADAPTER, Caf, DATABASE
from cpam import Cpam
from departement import Departement
from network import Network
from postgres import Postgres
from processes import Program, StartFailed, free_ports
from samples import FOLDER, SAMPLES
from sender import Journey, Sender
from settings import files_settings, postgres_settings
from summary import Summary, sum_up

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    FORMATS = "ccas-csv=5,cnaf-xml=2,departement-csv=2,france-travail-csv=2,reorientation-csv=1"

    def __init__(self, programs: Path, folder: Path):
        self._programs = programs
        self._folder = folder
        ports = free_ports(7)
        self.network = Network(programs, folder, ports[0], ports[1])
        self._health = dict(zip(("ccas", "caf", "cpam", "departement"), ports[2:6]))
        self._server = Postgres(folder / "caf/postgres", ports[6])
        self.ccas = Sender("ccas-25056", folder / "ccas")
        self.caf = Caf(self._server)
        self.cpam = Cpam(folder / "cpam")
        self.departement = Departement(folder / "departement")
        self._adapters: list[Program] = []

    # ---- start and stop ----

    def start(self, say):
        say(f"keys, and a network definition signed with them: {self._folder / 'network'}")
        self.network.make()
        self.network.start()
        say(f"broker: {self.network.endpoint}, health and metrics: {self.network.admin}/metrics")
        say(f"console, in a browser on this machine: {self.network.console()}")
        self._server.start()
        self.caf.make_database()
        self._install_schema()
        self.caf.install()
        for name, institution in (("ccas", "ccas-25056"), ("cpam", "cpam-25"), ("departement", "departement-25")):
            self._start_adapter("relais-files", name, files_settings(
                self.network, name, institution, self._folder, self._health[name]))
        self._start_adapter("relais-postgres", "caf", postgres_settings(
            self.network, "caf-25", self._health["caf"], self._server.conninfo(DATABASE, ADAPTER)))
        for adapter in self._adapters:
            adapter.wait_until(lambda a=adapter: self._ready(a.name), 60, "ready")
            say(f"adapter of {adapter.name}: ready")

    def _install_schema(self):
        log = self._folder / "caf/install.log"
        log.parent.mkdir(exist_ok=True)
        installer = Program("relais-postgres --install", [self._programs / "relais-postgres", "--install",
                                                          self._server.conninfo(DATABASE)], log)
        installer.start()
        if installer.wait() != 0:
            raise StartFailed(f"relais-postgres --install failed:\n{installer.last_words()}")

    def _start_adapter(self, program: str, name: str, settings: str):
        path = self._folder / name / "adapter.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(settings, encoding="utf-8")
        adapter = Program(name, [self._programs / program, path], path.with_name("adapter.log"))
        adapter.start()
        self._adapters.append(adapter)

    def _ready(self, name: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._health[name]}/ready", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        for adapter in reversed(self._adapters):
            adapter.stop()
        self.network.program.stop()
        self._server.stop()

    # ---- the play ----

    def export(self, exports: Path, say):
        """Drops every file at the CCAS's adapter, as its software would during a night."""
        manifest = json.loads((exports / "manifest.json").read_text(encoding="utf-8"))
        for sample in SAMPLES:
            self.ccas.expects(sample.persons, sample.faults)
            self.ccas.export(ROOT / FOLDER / sample.path)
        for entry in manifest["files"]:
            persons = entry["persons"]
            if entry["format"] == "ccas-csv":  # here the recipients' software shows the number of the CCAS
                persons = {reference: reference for reference in persons}
            self.ccas.expects(persons, len(entry["faults"]))
            self.ccas.export(exports / entry["file"])
        say(f"{len(manifest['files'])} synthetic and {len(SAMPLES)} real files dropped in {self.ccas.folder / 'in'}: "
            f"{len(self.ccas.expected)} referrals, {self.ccas.faults_expected} records or files that are wrong")
        say()

    def step(self) -> list[Journey]:
        """A moment of work for everybody. Answers the journeys that changed."""
        self.caf.work()
        self.cpam.import_referrals()
        self.cpam.work()
        self.departement.import_referrals()
        self.departement.work()
        changed = {id(journey): journey for journey in self.ccas.import_answers()}
        for journey in self.ccas.all_journeys():
            if journey.ended and not journey.closed and self._is_closed(journey.referral):
                journey.closed = True
                changed[id(journey)] = journey
        return list(changed.values())

    def _is_closed(self, referral: str) -> bool:
        return self.network.ask(f"/api/v1/referrals/{referral}").get("closed", False)

    def quiet(self) -> bool:
        """Nobody has anything left to do or to send."""
        folders = [folder / place for folder in (self.ccas.folder, self.cpam.folder, self.departement.folder)
                   for place in ("in", "out")]
        waiting = any(path.is_file() for folder in folders for path in folder.glob("*"))
        return not waiting and self.caf.work() == 0 and not self.cpam.open_dossiers() and not self.departement.open_rows()

    def sum_up(self) -> Summary:
        held = [(sender, reference) for _, sender, reference in self.caf.dossiers()]
        held += [(dossier.sender, dossier.reference) for dossier in self.cpam.dossiers.values()]
        held += [(row.sender, row.person) for row in self.departement.rows]
        summary = sum_up(self.ccas, held)
        summary.duplicated += [f"{referral}: imported twice by the CPAM" for referral in self.cpam.twice]
        summary.complaints += [f"refused to the CAF: {row}" for row in self.caf.refused()]
        return summary

    # ---- for the reader ----

    def explain(self, say):
        ccas, data = self.ccas.folder, self._folder / "broker/data"
        sample = self._folder / "to-try.csv"
        if not sample.exists():
            shutil.copyfile(Path(__file__).parent / "to-try.csv", sample)
        ctl = f"{self._programs}/relaisctl"
        say(f"""Everything keeps running. To try:
  drop another file      cp {sample} {ccas}/in/    (one of its rows is right, one is not)
  where it goes          {ccas}/archive, or with the reasons {ccas}/rejects
  what the CPAM gets     {self.cpam.folder}/read   (what its software took out of {self.cpam.folder}/out)
  what the CAF gets      psql '{self._server.conninfo(DATABASE)}' -c 'TABLE relais.referral'
  what the CCAS hears    {ccas}/read
  the broker             {ctl} status --data {data}
                         {ctl} queues --data {data}
                         {ctl} referral ID --data {data}    (ID: a column of the files above)
  the console            {self.network.console()}    (with the token: do not pass it on)
  figures                curl {self.network.admin}/metrics
  logs                   {self._folder}/*/*.log
To end it: Ctrl-C here, or elsewhere: deploy/demo --stop""")
