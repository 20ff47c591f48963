"""RDV Service Public as its own OpenAPI document describes it, answered by Prism with the answers that the project
recorded. The document is read where it lies and never changed there; a copy is mended for each run."""

import copy
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from free_port import free_port

DOCUMENT = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "rdv" / "openapi-v1.json"
PRISM = Path(os.environ["RELAIS_BUILD"]) / "rdvsp-tests" / "node_modules" / ".bin" / "prism"
PATIENCE_S = 120.0
RDVS = "/api/v1/organisations/{organisation_id}/rdvs"

# Documented beside the OpenAPI document (docs/api/v1/description_api.md): the answer's headers are the session.
SIGN_IN = {"post": {
    "requestBody": {"required": True, "content": {"application/json": {"schema": {
        "type": "object", "required": ["email", "password"],
        "properties": {"email": {"type": "string"}, "password": {"type": "string"}}}}}},
    "responses": {"200": {
        "description": "signed in",
        "headers": {name: {"schema": {"type": "string"}, "example": value}
                    for name, value in (("access-token", "SFYBngO55ImjD1HOcv-ivQ"), ("client", "Z6EihQAY9NWsZByfZ47i_Q"),
                                        ("uid", "martine@demo.rdv-solidarites.fr"))},
        "content": {"application/json": {"schema": {"type": "object"}, "example": {"data": {"id": 1}}}}}}}}


def mended(document):
    """Three paths lack the leading slash. The document lists the fields of a POST as parameters of the query; its prose
    (same page as above) wants them in the body as JSON, where no access log keeps them."""
    document["paths"] = {"/" + path.lstrip("/"): item for path, item in document["paths"].items()}
    for item in document["paths"].values():
        post = item.get("post", {})
        fields = [one for one in post.get("parameters", []) if one["in"] == "query"]
        if not fields:
            continue
        post["parameters"] = [one for one in post["parameters"] if one["in"] != "query"]
        post["requestBody"] = {"content": {"application/json": {"schema": {
            "type": "object", "additionalProperties": False,
            "properties": {one["name"].removesuffix("[]"): one["schema"] for one in fields}}}}}
    document["paths"]["/api/v1/auth/sign_in"] = SIGN_IN
    return document


def answer_of(document, path, method, status="200"):
    """The media type object that holds the recorded answer."""
    return document["paths"][path][method]["responses"][status]["content"]["application/json"]


def recorded(media):
    return media["example"] if "example" in media else next(iter(media["examples"].values()))["value"]


def record(media, value):
    media.pop("examples", None)
    media["example"] = value


class Counterpart:
    def __init__(self, folder: Path, port: int = 0):
        self.port = port or free_port()
        self.process = None
        self._file = folder / "openapi.json"
        self._log = folder / "prism.log"
        self.command = [PRISM, "mock", "--errors", "--host", "127.0.0.1", "--port", str(self.port), self._file]
        document = self._document = mended(json.loads(DOCUMENT.read_text()))
        self.user = recorded(answer_of(document, "/api/v1/users", "post"))["user"]["id"]
        self.token = recorded(answer_of(document, "/api/v1/users/{user_id}/rdv_invitation_token", "post"))["invitation_token"]
        self._listed = copy.deepcopy(recorded(answer_of(document, RDVS, "get")))

    def rdv(self, **changes):
        """The recorded appointment, of the person whom the recorded answer of POST /users names: the two were recorded
        apart. `changes` are values of it; `status` is that of its one participant, too."""
        rdv = copy.deepcopy(self._listed["rdvs"][0])
        for person in [rdv["users"][0], *(part["user"] for part in rdv["participations"])]:
            person["id"] = self.user
            person["last_name"] = "CANARI"
        rdv.update(changes)
        for part in rdv["participations"]:
            part["status"] = rdv["status"]
        return rdv

    def write(self, *rdvs):
        """The document, with these appointments in the list."""
        record(answer_of(self._document, RDVS, "get"), {**self._listed, "rdvs": list(rdvs)})
        self._file.write_text(json.dumps(self._document))

    def start(self, *rdvs):
        """Answers a list of these appointments from now on."""
        self.stop()
        self.write(*rdvs)
        with open(self._log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"})
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5)
            except urllib.error.HTTPError:
                return  # it has no such path, and says so
            except OSError:
                pass
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("Prism did not start:\n" + self.log())
            time.sleep(0.1)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
        self.process = None

    def log(self):
        return self._log.read_text() if self._log.exists() else ""
