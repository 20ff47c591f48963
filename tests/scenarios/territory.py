"""A territory of a story: its network definition from the files of the story, signed, and a real relaisd for it."""

import json
import re
import shutil
import tomllib
import urllib.parse
import urllib.request
from pathlib import Path

from broker_process import BrokerProcess, control

HERE = Path(__file__).resolve().parent
COMMON = HERE / "common"
PARTS = ("institutions", "agreements", "locations", "services")


class Territory(BrokerProcess):
    network_id = "scenarios"

    def __init__(self, story, beside=None):
        """`story`: a folder. `beside`: institution -> those that its adapter serves too, with its transport key."""
        self.files = HERE / story
        self._beside = beside or {}
        super().__init__([one["id"] for one in tomllib.loads((self.files / "institutions.toml").read_text())["institution"]])

    def _write_network(self, institutions):
        network = self.folder / "network"
        network.mkdir()
        (network / "network.toml").write_text((COMMON / "network.toml").read_text() + self.broker_tables())
        for part in PARTS:
            if (self.files / f"{part}.toml").is_file():
                (network / part).mkdir()
                shutil.copy(self.files / f"{part}.toml", network / part)
        if (self.files / "services.json").is_file():
            self.imported = self._import_directory(network)
        keys = {institution: self.public_keys(institution) for institution in institutions}
        for adapter, others in self._beside.items():
            transport = keys[adapter][:keys[adapter].index("[[", 2)]
            for other in others:
                keys[other] += transport.replace('id = "', f'id = "{adapter}.')
        path = network / "institutions" / "institutions.toml"
        tables = re.split(r"(?m)^(?=\[\[institution\]\])", path.read_text())
        path.write_text("".join(
            table + (keys[tomllib.loads(table)["institution"][0]["id"]] if "[[institution]]" in table else "") for table in tables))
        self.sign_network()

    def _import_directory(self, network):
        """The territory's resources, as it published them."""
        return json.loads(control("--json", "directory", "import", "--format", "datainclusion", self.files / "structures.json",
                                  self.files / "services.json", "--network", network, "--institutions",
                                  self.files / "structures.toml"))

    def ask(self, path, **parameters):
        """The operators' API."""
        question = f"{self.url(path)}?{urllib.parse.urlencode(parameters)}" if parameters else self.url(path)
        request = urllib.request.Request(question, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def open_referrals(self, **parameters):
        """Loops that are not closed, as an operator sees them."""
        return self.ask("/api/v1/referrals", **parameters)["referrals"]
