"""A real relaisd on the demo's network, and the software of three institutions that keeps it busy. The département's
adapter never comes: its messages wait, its deadlines pass, and it counts as silent after seconds. The month before is in
its journal already."""

import base64
import datetime
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/integration/python"), str(ROOT / "deploy/demo-parts")]

import generated  # noqa: E402,F401  (puts the generated messages on the path)
from relais.v1 import appointment_pb2, content_pb2, network_pb2, rights_pb2  # noqa: E402

import roles  # noqa: E402
from network import Network, set_values  # noqa: E402
from processes import free_ports  # noqa: E402
from relais_adapter import Adapter, Never, NotYet, Settings  # noqa: E402

CCAS, CAF, CPAM, DEPARTEMENT = "ccas-25056", "caf-25", "cpam-25", "departement-25"
PURPOSES = {CAF: "access_to_rights", CPAM: "health_access", DEPARTEMENT: "employment"}
PATIENCE_S = 120.0


class Desk(roles.Both):
    """Takes every third referral to its end; the others stay received, or accepted."""

    def on_referral_requested(self, adapter, envelope, contents):
        if envelope.exercise or envelope.referral_id[0] % 3 == 0:
            return super().on_referral_requested(adapter, envelope, contents)
        self.reply(adapter, envelope, "referral_received")
        if envelope.referral_id[0] % 3 == 1:
            self.reply(adapter, envelope, "referral_accepted")


class Reluctant(roles.Role):
    """Can not handle one in four now, and rejects the others; only a self-test it answers."""

    def handle(self, adapter, envelope, contents):
        if envelope.WhichOneof("body") == "connection_tested":
            return
        if envelope.referral_id[0] % 4 == 0:
            raise NotYet("software.closed")
        raise Never("person.unknown")


HURRY = """
[[agreement.deadline]]
priority = "urgent"
receive_within = "5s"
decide_within = "10d"
complete_within = "90d"
acknowledge_within = "5d"
"""


class BrowserStage:
    def __init__(self, programs: Path, folder: Path):
        port, admin_port = free_ports(2)
        self.network = Network(programs, folder, port, admin_port)
        self._programs = programs
        self._before: dict[str, int] = {}   # counted already when the traffic begins
        self.network.definition = folder / "definition"
        self._folder = folder
        self._adapters: dict[str, Adapter] = {}
        self._asked = 0
        self._quit = threading.Event()
        self._busy = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failure: BaseException | None = None

    def start(self):
        shutil.copytree(ROOT / "config/demo/network", self.network.definition)
        with open(self.network.definition / "agreements/departement.toml", "a", encoding="utf-8") as agreement:
            agreement.write(HURRY)
        network = self.network.definition / "network.toml"
        network.write_text(set_values(network.read_text(encoding="utf-8"), version="2"), encoding="utf-8")
        self.network.make()
        self._live_through_last_month()
        settings = self.network.settings.read_text(encoding="utf-8")
        self.network.settings.write_text(set_values(settings, silent_after='"5s"'), encoding="utf-8")
        self.network.start()
        self._before = {name: self._counts(name) for name in ("dead", "delivered")}
        self._thread.start()
        while not self._busy.wait(0.1):
            if self.failure is not None:
                raise self.failure

    def _live_through_last_month(self):
        # The broker counts by the clocks of France; the test may run under any.
        today = datetime.datetime.now(ZoneInfo("Europe/Paris")).date()
        month = (today.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
        self.network.data.mkdir(mode=0o700)
        keys = self.network.keys
        subprocess.run([self._programs / "relais-past-month", "--store", self.network.data / "store", "--month", month,
                        "--network", keys.parent / "network.signed", "--authority", keys / "authority.key",
                        "--broker", keys / "broker.signing.key"], check=True, stdin=subprocess.DEVNULL)

    def start_again(self):
        """After the broker alone was stopped."""
        self.network.program.start()
        self.network.program.wait_until(lambda: bool(self.network.ask("/api/v1/status")), PATIENCE_S, "answering")

    def add_account(self, role: str, institution: str = ""):
        """Named as its role; the driver knows the password."""
        belongs = ["--institution", institution] if institution else []
        subprocess.run([self._programs / "relaisctl", "account", "add", role, "--role", role, *belongs, "--operator", "Camille",
                        "--reason", "begins to work here", "--data", self.network.data],
                       input=f"the password of {role}\n", text=True, check=True, capture_output=True)

    def make_network(self, kind: str) -> Path:
        """A signed definition that the broker can take (sound: one version more), or one that it can not, for every reason
        there is (faulty: no newer, changed after it was signed, with references to what is not in it)."""
        made = self._folder / f"{kind}.signed"
        if kind == "sound":
            text = self._folder / "network/network.toml"
            text.write_text(set_values(text.read_text(encoding="utf-8"), version="3"), encoding="utf-8")
            self.network.ctl("network", "sign", text.parent, "--key", self.network.keys / "authority.key", "--out", made)
            return made
        network = network_pb2.SignedNetwork.FromString((self._folder / "network.signed").read_bytes())
        definition = network_pb2.NetworkDefinition.FromString(network.definition)
        definition.agreements[0].directions[0].to = "nobody"
        definition.services[0].institution = "nobody-either"
        network.definition = definition.SerializeToString()
        made.write_bytes(network.SerializeToString())
        return made

    def verify_evidence(self, file: str) -> str:
        """What relaisctl says of it, which has the broker's public key and nothing else of the broker."""
        key = self.network.ctl_json("keys", "show", self.network.keys / "broker.signing.key")["public"]
        return self.network.ctl("--json", "audit", "verify", file, "--key", key).replace("\n", " ")

    def stop(self):
        self._quit.set()
        if self._thread.is_alive():
            self._thread.join()
        self.network.program.stop()

    def ask(self, recipient: str, number: int, exercise=False) -> bytes:
        """Answers the case."""
        ccas = self._adapters[CCAS]
        # The number decides what becomes of it.
        referral_id = bytes([number % 251]) + os.urandom(15)
        case_id = os.urandom(16)
        person = content_pb2.Identity(family_name="Personne", given_names="Camille", birth_date="1990-01-31")
        with ccas.store.transaction():
            ccas.role.ask(ccas, recipient, PURPOSES[recipient], case_id, referral_id, person, exercise)
        return case_id

    def ask_what_is_held(self, case_id: bytes):
        """A person's right, which nobody answers here."""
        ccas = self._adapters[CCAS]
        with ccas.store.transaction():
            ccas.submit("rights_requested", [], case_id, b"", PURPOSES[CAF],
                        message=rights_pb2.RightsRequested(right=rights_pb2.RIGHT_ACCESS))

    def publish_slots(self):
        """A group with room, and a single one, of the CAF."""
        caf = self._adapters[CAF]
        at = int(time.time() * 1000) + 86_400_000
        slots = [appointment_pb2.Slot(slot_id=name, service_id=service, start_ms=at + i * 3_600_000,
                                      end_ms=at + i * 3_600_000 + 1_800_000, capacity=capacity,
                                      mode=appointment_pb2.APPOINTMENT_MODE_ON_SITE)
                 for i, (name, service, capacity) in enumerate((("group", "caf-25-rights", 12), ("single", "", 1)))]
        with caf.store.transaction():
            caf.submit("slots_published", [], b"", b"", PURPOSES[CAF], message=appointment_pb2.SlotsPublished(slots=slots))

    def _counts(self, name: str) -> int:
        queues = self.network.ask("/api/v1/queues").get("queues", [])
        return sum(queue["real"][name] for queue in queues) - self._before.get(name, 0)

    def _step(self):
        for adapter in self._adapters.values():
            adapter.step(0.003)

    def _until(self, condition, what: str):
        until = time.monotonic() + PATIENCE_S
        looked = 0.0
        while True:
            self._step()
            if time.monotonic() - looked > 0.2:
                looked = time.monotonic()
                if condition():
                    return
            if time.monotonic() > until:
                raise RuntimeError(f"{what} did not come\n{self.network.program.last_words()}")

    def _run(self):
        """The adapters' whole life: an adapter, like the SQLite database in it, belongs to one thread."""
        try:
            self._connect()
            self._first_traffic()
            self._busy.set()
            self._keep_busy()
        except BaseException as failure:  # told by the test, which is on another thread
            self.failure = failure
        finally:
            for adapter in self._adapters.values():
                adapter.close(bye=False)

    def _connect(self):
        for institution, role in ((CCAS, Desk()), (CAF, Desk()), (CPAM, Reluctant())):
            self._adapters[institution] = Adapter(Settings(
                institution=institution, endpoint=self.network.endpoint, network="demo-doubs",
                broker_key=base64.b64decode(self.network.broker_key),
                authority_key=base64.b64decode(self.network.authority_key),
                keys=sorted(self.network.keys.glob(f"{institution}.*.key")), name=f"software-{institution}",
                store=self._folder / f"{institution}.sqlite"), role)
        self._until(lambda: all(adapter.network for adapter in self._adapters.values()), "the network definition")

    def _first_traffic(self):
        cases = [self.ask(CAF, i) for i in range(36)]
        for i in range(3):
            self.ask(CAF, i, exercise=True)
        for i in range(12):
            self.ask(CPAM, i)
        for i in range(4):
            self.ask(DEPARTEMENT, i)
        self._until(lambda: self._counts("dead") >= 9 and self._counts("delivered") >= 150, "the first traffic")
        self.ask_what_is_held(cases[0])
        self.publish_slots()
        self._until(lambda: self.network.ask("/api/v1/rights").get("requests") and
                    len(self.network.ask("/api/v1/slots").get("slots", [])) == 2 and
                    len(self.network.ask("/api/v1/orphans").get("orphans", [])) >= 4, "what somebody has to see to")

    def _keep_busy(self):
        """One more referral every second, until the end."""
        next_ask = time.monotonic()
        number = 0
        while not self._quit.is_set():
            if time.monotonic() >= next_ask:
                next_ask += 1
                number += 1
                self.ask(CAF, number)
            self._step()
