"""Keys, the signed network definition, and a broker that has it: what an operator does once, done by relaisctl."""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from processes import Program, StartFailed

_SOURCE = Path(__file__).resolve().parents[2]
_CONFIG = _SOURCE / "config"
INSTITUTIONS = ("ccas-25056", "caf-25", "cpam-25", "departement-25")


def set_values(text: str, **values: str) -> str:
    """The text of an example with the values of these keys replaced, whether they are commented out or not."""
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^(# )?{key} = .*$", lambda _, k=key, v=value: f"{k} = {v}", text, count=1)
        if count != 1:
            raise StartFailed(f"the example has no key {key}")
    return text


class Network:
    """Folders: keys/, network/ (the definition in TOML), broker/ (settings and data)."""

    def __init__(self, programs: Path, folder: Path, port: int, admin_port: int):
        self._programs = programs
        self._folder = folder
        self.definition = _CONFIG / "demo/network"   # in TOML, without anybody's keys
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self.admin = f"http://127.0.0.1:{admin_port}"
        self._admin_port = admin_port
        self.keys = folder / "keys"
        self.authority_key = ""   # public, base64
        self.broker_key = ""      # public transport key, base64
        self.settings = folder / "broker/relaisd.toml"
        self.data = folder / "broker/data"
        self.program = Program("relaisd", [programs / "relaisd", "--config", self.settings], folder / "broker/relaisd.log")

    def ctl(self, *words) -> str:
        command = [self._programs / "relaisctl", *(str(word) for word in words)]
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise StartFailed(f"relaisctl {' '.join(str(word) for word in words)}: {(answer.stderr or answer.stdout).strip()}")
        return answer.stdout

    def ctl_json(self, *words) -> dict:
        return json.loads(self.ctl("--json", *words))

    def make(self):
        """Keys for everybody, and the definition signed by an authority of the demo's own."""
        self.keys.mkdir(parents=True, mode=0o700)
        self.authority_key = self._new_key("signing", "authority")["public"]
        self.broker_key = self._new_key("transport", "broker.transport")["public"]
        broker_signing = self._new_key("signing", "broker.signing")["public"]
        shutil.copytree(self.definition, self._folder / "network")
        with open(self._folder / "network/network.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[broker]\ntransport_key = "{self.broker_key}"\n\n'
                       f'[broker.signing_key]\nid = "broker.signing"\nkey = "{broker_signing}"\n')
        for institution in INSTITUTIONS:
            snippet = self.ctl("keys", "institution", "--id", institution, self.keys)
            keys = snippet[snippet.index("[[institution."):snippet.rindex('"') + 1]
            with open(self._folder / f"network/institutions/{institution}.toml", "a", encoding="utf-8") as file:
                file.write("\n" + re.sub(r"(?m)^(?!\[\[|id = |key = ).*\n", "", keys + "\n"))
        self.ctl("network", "sign", self._folder / "network", "--key", self.keys / "authority.key",
                 "--out", self._folder / "network.signed")
        self._write_settings()

    def _new_key(self, use: str, name: str) -> dict:
        return self.ctl_json("keys", "new", "--use", use, "--id", name, self.keys / f"{name}.key")

    def _write_settings(self):
        self.settings.parent.mkdir(parents=True)
        text = (_CONFIG / "examples/relaisd.toml").read_text(encoding="utf-8")
        text = set_values(text, transport_key='"../keys/broker.transport.key"', signing_key='"../keys/broker.signing.key"',
                          authority_public_key=f'"{self.authority_key}"', endpoint=f'"{self.endpoint}"',
                          port=str(self._admin_port))
        self.settings.write_text(text, encoding="utf-8")

    def start(self):
        self.program.start()
        self.program.wait_until(lambda: self._answers("/health"), 30, "healthy")
        self.ctl("network", "apply", self._folder / "network.signed", "--data", self.data, "--operator", "demo",
                 "--reason", "the demo begins")
        self.program.wait_until(lambda: self._answers("/ready"), 30, "ready")

    def console(self) -> str:
        """The address of the web console, with the token behind the #."""
        return self.ctl_json("console", "--data", self.data)["console"]

    def ask(self, path: str) -> dict:
        """The operators' API; an empty object when it has no answer."""
        token = (self.data / "admin.token").read_text(encoding="ascii").strip()
        request = urllib.request.Request(self.admin + path, headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except (urllib.error.URLError, OSError):
            return {}

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.admin + path, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
