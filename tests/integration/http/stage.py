"""Two institutions whose software speaks HTTP, a real relaisd between them, and curl and Node as their software."""

import base64
import json
import os
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import generated  # noqa: F401  (makes the protocol importable)
from broker_process import BIN, BrokerProcess, free_port

HERE = Path(__file__).resolve().parent
NODE_FOLDER = Path(os.environ["RELAIS_BUILD"]) / "http-tests"
PATIENCE_S = 120.0
CCAS, CAF = "ccas-25056", "caf-25"
SECRET = "whsec_" + base64.b64encode(b"a secret of 32 bytes for webhook").decode()
NEXT_SECRET = "whsec_" + base64.b64encode(b"the next secret, also 32 bytes!!").decode()

MAPPING = """
[mapping]
name = "json"
version = 1
[in]
format = "json"
kind = { from = "/action", table = "actions" }
fields = [
  { from = "/numero", to = "local.reference" },
  { from = "/relais", to = "local.referral" },
  { from = "/nom", to = "identity.family_name", required = true, kinds = ["referral_requested"] },
  { from = "/finalite", to = "envelope.purpose" },
  { from = "/debut", to = "body.meeting.start_ms", time = ["iso"], kinds = ["appointment_booked"] },
  { from = "/debut", to = "body.meeting.end_ms", time = ["iso"], add_minutes = 30, kinds = ["appointment_booked"] },
  { constant = "connected", to = "body.outcome", kinds = ["referral_completed"] },
]
[in.json]
[in.not_carried]
"/agent" = "stays at the CCAS"
[tables.actions]
values = { "orienter" = "referral_requested", "accepter" = "referral_accepted", "rdv" = "appointment_booked", "venu" = "appointment_arrived appointment_fulfilled", "finir" = "referral_completed" }
[out]
format = "json"
[[out.records]]
name = "suivi"
kinds = ["referral_received", "referral_accepted", "referral_completed"]
fields = [{ from = "local.reference", to = "/numero" }, { from = "kind", to = "/etat" }]
[out.json]
"""

CONFIG = """
[relais]
name = "http-{institution}"
network = "test"
authority_public_key = "{authority}"
broker_public_key = "{broker}"
endpoints = ["{endpoint}"]
transport_key = "{transport}"
data_dir = "{institution}-data"
reconnect_first = "1s"
reconnect_most = "1s"
[[relais.institution]]
id = "{institution}"
signing_keys = ["{signing}"]
sealing_keys = ["{sealing}"]
[http]
listen = "127.0.0.1:{port}"
[[exchange]]
institution = "{institution}"
token_files = ["{institution}.token"]
[[exchange.submit]]
name = "orientations"
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
[exchange.receive]
mapping = "mapping.toml"
"""

WEBHOOK = """
[exchange.webhook]
url = "http://127.0.0.1:{port}/relais?version=1"
secret_files = [{secrets}]
timeout = "2s"
retry_first = "1s"
reference = "/numero"
"""

HOOK = """
[[exchange.hook]]
name = "rdv-{institution}"
mapping = "mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
secret_files = ["first.secret"]
"""


class Software:
    """An institution's adapter, and its software: curl."""

    def __init__(self, broker, institution, more=""):
        self.institution = institution
        self.port = free_port()
        self.token = f"token-of-{institution}-for-tests"
        self.exchanges = broker.folder / "exchanges.jsonl"
        self.process = None
        self._folder = broker.folder
        self._log = broker.folder / f"{institution}.log"
        self._config = broker.folder / f"{institution}.toml"
        for name, content in ((f"{institution}.token", self.token), ("first.secret", SECRET), ("next.secret", NEXT_SECRET),
                              ("mapping.toml", MAPPING)):
            (broker.folder / name).write_text(content)
            (broker.folder / name).chmod(0o600)
        keys = {use: next(key for key in broker.keys_of(institution) if use in key.name)
                for use in ("transport", "signing", "sealing")}
        self._settings = CONFIG.format(
            institution=institution, port=self.port, endpoint=broker.endpoint,
            authority=base64.b64encode(broker.authority_key).decode(),
            broker=base64.b64encode(broker.broker_key).decode(), **keys)
        self.configure(more)

    def configure(self, more):
        self._config.write_text(self._settings + more)

    def check(self):
        return subprocess.run([BIN / "relais-http", "--check", self._config], capture_output=True, text=True)

    def start(self):
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen([BIN / "relais-http", self._config], stderr=log, stdout=log)
        end = time.monotonic() + PATIENCE_S
        while self.get("/v1/status", note=False)[0] != 200:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError("relais-http did not start:\n" + self.log())
            time.sleep(0.05)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def log(self):
        return self._log.read_text()

    def curl(self, method, path, *options, body=None, token=True, note=True):
        """(status, body); (0, None) when nothing answers."""
        command = ["curl", "--silent", "--max-time", "60", "--request", method, "--write-out", "\n%{http_code} %{content_type}",
                   *(["--header", f"Authorization: Bearer {self.token}"] if token else []), *options]
        if body is not None:
            command += ["--header", "Content-Type: application/json", "--data-binary", "@-"]
        command.append(f"http://127.0.0.1:{self.port}{path}")
        done = subprocess.run(command, input=body, capture_output=True, text=True)
        text, _, last = done.stdout.rpartition("\n")
        status, _, kind = last.partition(" ")
        if done.returncode or not int(status):
            return 0, None
        answer = json.loads(text)
        if note:
            with open(self.exchanges, "a") as exchanges:
                exchanges.write(json.dumps({"method": method, "path": path, "status": int(status), "type": kind,
                                            "body": answer}) + "\n")
        return int(status), answer

    def get(self, path, **more):
        return self.curl("GET", path, **more)

    def submit(self, record, key=None):
        options = ["--header", f"Idempotency-Key: {key}"] if key else []
        return self.curl("POST", "/v1/submissions/orientations", *options, body=json.dumps(record))

    def inbox(self, wait=0):
        return self.get(f"/v1/inbox?wait={wait}")[1]["items"]

    def acknowledge(self, item, **numbers):
        body = json.dumps(numbers) if numbers else None
        return self.curl("POST", f"/v1/inbox/{item['id']}/acknowledge", body=body)


class Receiver:
    """The software's own webhook, verified by somebody else's library."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="relais-http-")
        self.folder = Path(self._folder.name)
        self.port = free_port()
        self.process = None
        self.expect(SECRET)
        self.answer(200)

    def expect(self, secret):
        (self.folder / "secret").write_text(secret)

    def answer(self, status, **more):
        part = self.folder / "answer.part"
        part.write_text(json.dumps({"status": status, **more}))
        part.rename(self.folder / "answer")

    def start(self):
        self.process = subprocess.Popen(["node", NODE_FOLDER / "receiver.mjs", str(self.port), self.folder],
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "listening\n":
            raise RuntimeError("the receiver did not start")

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def close(self):
        self.kill()
        self._folder.cleanup()

    def received(self):
        file = self.folder / "received.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def sign(secret, event_id, seconds, body):
    done = subprocess.run(["node", NODE_FOLDER / "sign.mjs", secret, event_id, str(seconds)], input=body,
                          capture_output=True, text=True, check=True)
    return done.stdout


class Stage(unittest.TestCase):
    def begin(self, ccas="", caf=""):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.broker.apply_network()
        self.ccas = Software(self.broker, CCAS, ccas)
        self.caf = Software(self.broker, CAF, caf)
        for one in (self.ccas, self.caf):
            checked = one.check()
            self.assertEqual(0, checked.returncode, checked.stdout + checked.stderr)
            self.addCleanup(one.kill)
            one.start()
        for one in (self.ccas, self.caf):
            self.until(lambda: one.get("/v1/status")[1]["ready"])

    def until(self, reached):
        end = time.monotonic() + PATIENCE_S
        while not (value := reached()):
            if time.monotonic() > end:
                self.fail(f"not in time\n{self.ccas.log()[-3000:]}\n{self.caf.log()[-3000:]}\n{self.broker.log()[-2000:]}")
            time.sleep(0.1)
        return value

    def silent(self):
        """No name of a person in what the programs wrote."""
        for file in self.broker.folder.rglob("*"):
            if file.is_file() and file.suffix not in (".jsonl", ".toml"):
                self.assertNotIn(b"CANARI", file.read_bytes(), file)
