"""A real relaisd in a temporary folder, with the keys and the network definition that relaisctl makes for it."""

import base64
import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from free_port import free_port
from relais_crypto import Key

BIN = Path(os.environ["RELAIS_BUILD"]) / "bin"
PATIENCE_S = 60.0

NETWORK = """
id = "test"
name = "Test"
version = 1

[[purpose]]
id = "access_to_rights"
name_en = "Access to social rights"
name_fr = "Accès aux droits"

[[mission]]
id = "all"
name = "All"
categories = ["identity", "note"]
"""

AGREEMENT = """
[[agreement]]
id = "both-ways"
name = "Both ways"
legal_basis = "none, this is a test"
valid_from = 2024-01-01
valid_until = 2099-12-31
retention = "1d"
direction = [{from = "ccas-25056", to = "caf-25"}, {from = "caf-25", to = "ccas-25056"}]
purpose = [{purpose = "access_to_rights", categories = ["identity", "note"]}]
"""


def control(*arguments) -> str:
    done = subprocess.run([BIN / "relaisctl", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"relaisctl {arguments[0]} {arguments[1]}: {done.stdout}{done.stderr}")
    return done.stdout


class BrokerProcess:
    network_id = "test"

    def __init__(self, institutions):
        self._folder = tempfile.TemporaryDirectory(prefix="relais-python-")
        self.folder = Path(self._folder.name)
        self.port, self.admin_port = free_port(), free_port()
        self.process = None
        for use in ("transport", "signing"):
            control("keys", "new", "--use", use, "--id", f"broker-{use}", self.folder / f"broker.{use}.key")
        control("keys", "new", "--use", "signing", "--id", "authority", self.folder / "authority.key")
        self.broker_key = Key.read(self.folder / "broker.transport.key").public
        self.authority_key = Key.read(self.folder / "authority.key").public
        self._write_network(institutions)
        self._write_config()

    @property
    def token(self) -> str:
        return (self.folder / "data" / "admin.token").read_text().strip()

    @property
    def endpoint(self):
        return f"tcp://127.0.0.1:{self.port}"

    def keys_of(self, institution) -> list[Path]:
        return sorted((self.folder / "keys").glob(f"{institution}.*.key"))

    def broker_tables(self) -> str:
        """What network.toml says of the broker."""
        signing = Key.read(self.folder / "broker.signing.key")
        return f"""
[broker]
transport_key = "{base64.b64encode(self.broker_key).decode()}"
[broker.signing_key]
id = "{signing.id}"
key = "{base64.b64encode(signing.public).decode()}"
"""

    def public_keys(self, institution) -> str:
        """Makes the institution's keys; the public halves as they stand below [[institution]]."""
        keys = control("keys", "institution", "--id", institution, self.folder / "keys")
        keys = keys[keys.index("[[institution."):]
        return "\n".join(line for line in keys.splitlines() if line.startswith(("[[", "id = ", "key = "))) + "\n"

    def settings(self, name, institutions, keys=None, endpoints=None) -> str:
        """The tables [relais] and [[relais.institution]] of an adapter. The transport key is that of the first
        institution; `keys`: all are those of another one."""
        text = f"""
[relais]
name = "{name}"
network = "{self.network_id}"
authority_public_key = "{base64.b64encode(self.authority_key).decode()}"
broker_public_key = "{base64.b64encode(self.broker_key).decode()}"
endpoints = {endpoints or [self.endpoint]}
transport_key = "{self._key(keys or institutions[0], "transport")}"
data_dir = "{self.folder / name}-data"
reconnect_first = "1s"
reconnect_most = "1s"
"""
        for institution in institutions:
            text += f"""
[[relais.institution]]
id = "{institution}"
signing_keys = ["{self._key(keys or institution, "signing")}"]
sealing_keys = ["{self._key(keys or institution, "sealing")}"]
"""
        return text

    def _key(self, institution, use) -> Path:
        return next(key for key in self.keys_of(institution) if use in key.name)

    def _write_network(self, institutions):
        network = self.folder / "network"
        for part in ("institutions", "agreements"):
            (network / part).mkdir(parents=True)
        (network / "network.toml").write_text(NETWORK + self.broker_tables())
        (network / "agreements" / "both.toml").write_text(AGREEMENT)
        for institution in institutions:
            keys = self.public_keys(institution)
            (network / "institutions" / f"{institution}.toml").write_text(
                f'[[institution]]\nid = "{institution}"\nname = "{institution}"\nkind = "test"\nmission = "all"\n{keys}')
        self.sign_network()

    def sign_network(self):
        control("network", "sign", "--key", self.folder / "authority.key", "--out", self.folder / "network.signed",
                self.folder / "network")

    def _write_config(self):
        (self.folder / "relaisd.toml").write_text(f"""
[broker]
data_dir = "data"
transport_key = "broker.transport.key"
signing_key = "broker.signing.key"
endpoint = "{self.endpoint}"
authority_public_key = "{base64.b64encode(self.authority_key).decode()}"
[admin]
port = {self.admin_port}
[limits]
heartbeat = "1s"
silence = "3s"
""")

    def start(self):
        with open(self.folder / "relaisd.log", "ab") as log:
            self.process = subprocess.Popen([BIN / "relaisd", "--config", self.folder / "relaisd.toml"], stderr=log)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url("/health"), timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("relaisd did not start:\n" + self.log())

    def apply_network(self):
        signed = base64.b64encode((self.folder / "network.signed").read_bytes()).decode()
        body = {"operator": "test", "reason": "the test begins", "signed_network": signed}
        request = urllib.request.Request(self.url("/api/v1/network"), json.dumps(body).encode(),
                                         {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S):
            pass

    def get(self, path):
        """What the operators' API answers."""
        request = urllib.request.Request(self.url(path), headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def says(self, path):
        """What it tells everybody, healthy or not: (status, answer)."""
        try:
            with urllib.request.urlopen(self.url(path), timeout=PATIENCE_S) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as no:
            return no.code, json.load(no)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        self._folder.cleanup()

    def log(self) -> str:
        return (self.folder / "relaisd.log").read_text()

    def url(self, path):
        return f"http://127.0.0.1:{self.admin_port}{path}"
