"""Keys, network definition, settings and programs of one campaign, all below one folder."""

import json
import random
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from programs import Failed, Program, free_port

SILENCE_S = 3.0  # of a session; what is suspended for longer is dead to the other side
PATIENCE_S = 60.0

SENDERS = {"ccas-25056": ("caf-25", "cpam-25"), "departement-25": ("cpam-25", "caf-25")}
RECIPIENTS = {"caf-25": ("cpam-25",), "cpam-25": ("caf-25",)}  # and to whom they forward
FILES_SENDER, FILES_RECIPIENT = "ml-25", "ccas-25388"

_NETWORK = """
id = "crash"
name = "Crash campaign"
version = 1

[[purpose]]
id = "access_to_rights"
name_en = "Access to social rights"
name_fr = "Accès aux droits"

[[mission]]
id = "all"
name = "All"
categories = ["identity", "note"]

[broker]
transport_key = "{transport}"
[broker.signing_key]
id = "broker-signing"
key = "{signing}"
"""

_AGREEMENT = """
[[agreement]]
id = "all"
name = "All with all"
legal_basis = "none, nobody is concerned"
valid_from = 2024-01-01
valid_until = 2099-12-31
retention = "1d"
forwarding = true
direction = [{directions}]
purpose = [{{purpose = "access_to_rights", categories = ["identity", "note"]}}]
"""

_BROKER = """
[broker]
data_dir = "data"
transport_key = "../keys/broker.transport.key"
signing_key = "../keys/broker.signing.key"
endpoint = "{endpoint}"
authority_public_key = "{authority}"
[admin]
port = {admin_port}
[limits]
heartbeat = "1s"
silence = "{silence}s"
[delivery]
retry_most = "5s"
"""

_ADAPTER = """
[relais]
name = "{name}"
network = "crash"
authority_public_key = "{authority}"
broker_public_key = "{broker}"
endpoints = ["{endpoint}"]
data_dir = "store"
transport_key = "{keys}/{institution}.transport-1.key"
[[relais.institution]]
id = "{institution}"
signing_keys = ["{keys}/{institution}.signing-1.key"]
sealing_keys = ["{keys}/{institution}.sealing-1.key"]
"""


class Stage:
    def __init__(self, programs: Path, folder: Path, rng: random.Random, cases_per_second: float, with_files: bool):
        self.folder = folder
        self.data = folder / "broker/data"
        self.drain_file = folder / "drain"
        self.institutions = [*SENDERS, *RECIPIENTS, *([FILES_SENDER, FILES_RECIPIENT] if with_files else [])]
        self._programs = programs
        self._keys = folder / "keys"
        self._endpoint = f"tcp://127.0.0.1:{free_port(rng)}"
        self._admin_port = free_port(rng)
        self._make_network()
        self.broker = Program("relaisd", [programs / "relaisd", "--config", folder / "broker/relaisd.toml"],
                              folder / "broker/relaisd.log")
        self.adapters = [self._crash_adapter("sender", institution, others, cases_per_second)
                         for institution, others in SENDERS.items()]
        self.adapters += [self._crash_adapter("recipient", institution, others, cases_per_second)
                          for institution, others in RECIPIENTS.items()]
        if with_files:
            self.adapters += [self._files_adapter(FILES_SENDER), self._files_adapter(FILES_RECIPIENT)]

    @property
    def programs(self) -> list[Program]:
        return [self.broker, *self.adapters]

    def adapter_folder(self, institution: str) -> Path:
        return self.folder / institution

    def ledger(self, institution: str) -> Path:
        return self.adapter_folder(institution) / "ledger"

    def start(self):
        self.broker.start()
        self.wait_for_broker()
        self._control("network", "apply", self.folder / "network.signed", "--data", self.data, "--operator", "campaign",
                      "--reason", "the campaign begins")
        for adapter in self.adapters:
            adapter.start()

    def wait_for_broker(self):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            self.broker.check_alive()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._admin_port}/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise Failed(f"relaisd is not healthy after {PATIENCE_S:.0f} s:\n{self.broker.last_words()}")

    def queues(self) -> list[dict]:
        return json.loads(self._control("--json", "queues", "--data", self.data))["queues"]

    def verify_journal(self):
        """The store of a broker that is not running."""
        self._control("journal", "verify", "--data", self.data)

    def discard(self):
        for program in self.programs:
            program.discard()

    def _control(self, *words) -> str:
        answer = subprocess.run([self._programs / "relaisctl", *(str(word) for word in words)], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise Failed(f"relaisctl {' '.join(str(word) for word in words)}: {(answer.stderr or answer.stdout).strip()}")
        return answer.stdout

    def _new_key(self, use: str, name: str) -> str:
        path = self._keys / f"{name}.key"
        return json.loads(self._control("--json", "keys", "new", "--use", use, "--id", name.replace(".", "-"), path))["public"]

    def _make_network(self):
        self._keys.mkdir(mode=0o700)
        self._authority = self._new_key("signing", "authority")
        self._broker_key = self._new_key("transport", "broker.transport")
        network = self.folder / "network"
        for part in ("institutions", "agreements"):
            (network / part).mkdir(parents=True)
        (network / "network.toml").write_text(
            _NETWORK.format(transport=self._broker_key, signing=self._new_key("signing", "broker.signing")), encoding="utf-8")
        for institution in self.institutions:
            keys = self._control("keys", "institution", "--id", institution, self._keys)
            keys = "\n".join(line for line in keys.splitlines() if line.startswith(("[[", "id = ", "key = ")))
            (network / f"institutions/{institution}.toml").write_text(
                f'[[institution]]\nid = "{institution}"\nname = "{institution}"\nkind = "test"\nmission = "all"\n{keys}\n',
                encoding="utf-8")
        directions = ", ".join(f'{{from = "{one}", to = "{other}"}}' for one in self.institutions
                               for other in self.institutions if one != other)
        (network / "agreements/all.toml").write_text(_AGREEMENT.format(directions=directions), encoding="utf-8")
        self._control("network", "sign", network, "--key", self._keys / "authority.key", "--out", self.folder / "network.signed")
        (self.folder / "broker").mkdir()
        (self.folder / "broker/relaisd.toml").write_text(
            _BROKER.format(endpoint=self._endpoint, authority=self._authority, admin_port=self._admin_port,
                           silence=int(SILENCE_S)), encoding="utf-8")

    def _adapter_settings(self, name: str, institution: str, more: str = "") -> Path:
        folder = self.adapter_folder(institution)
        folder.mkdir()
        path = folder / "adapter.toml"
        path.write_text(_ADAPTER.format(name=name, institution=institution, keys=self._keys, endpoint=self._endpoint,
                                        authority=self._authority, broker=self._broker_key) + more, encoding="utf-8")
        return path

    def _crash_adapter(self, role: str, institution: str, others: tuple, cases_per_second: float) -> Program:
        settings = self._adapter_settings("relais-crash", institution)
        return Program(institution, [self._programs / "relais-crash", "--role", role, "--config", settings, "--ledger",
                                     self.ledger(institution), "--others", ",".join(others), "--drain", self.drain_file,
                                     "--per-second", cases_per_second], settings.with_name("adapter.log"))

    def _files_adapter(self, institution: str) -> Program:
        settings = self._adapter_settings("relais-files", institution, _EXCHANGE.format(institution=institution))
        settings.with_name("mapping.toml").write_text(_MAPPING, encoding="utf-8")
        return Program(institution, [self._programs / "relais-files", settings], settings.with_name("adapter.log"))


_EXCHANGE = """
[[exchange]]
institution = "{institution}"
folder = "folders"
complete = "rename"
poll = "1s"
[[exchange.read]]
mapping = "mapping.toml"
[[exchange.write]]
mapping = "mapping.toml"
"""

_MAPPING = """
[mapping]
name = "crash"
version = 1

[in]
format = "csv"
kind = { from = "kind", table = "kinds" }
fields = [
  { from = "reference", to = "local.reference" },
  { from = "referral", to = "local.referral" },
  { from = "to", to = "envelope.recipients" },
  { from = "name", to = "identity.family_name" },
  { constant = "access_to_rights", to = "envelope.purpose", kinds = ["referral_requested"] },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
]

[tables.kinds]
values = { "request" = "referral_requested", "accept" = "referral_accepted", "complete" = "referral_completed" }

[out]
format = "csv"

[[out.records]]
name = "news"
kinds = ["referral_requested", "referral_received", "referral_accepted", "referral_completed", "outcome_acknowledged",
         "delivery_failed", "deadline_missed"]
fields = [
  { from = "kind", to = "kind" },
  { from = "local.referral", to = "referral" },
  { from = "local.reference", to = "reference" },
  { from = "identity.family_name", to = "name" },
]
"""
