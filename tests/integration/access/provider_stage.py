"""A real provider of identities (npm oidc-provider) beside a real broker that lets people in by it: set up as ProConnect is."""

import json
import os
import subprocess
from pathlib import Path

import generated  # noqa: F401  (makes the protocol importable)

from broker_process import BrokerProcess, free_port
from visitor import certificate

NODE_FOLDER = Path(os.environ["RELAIS_BUILD"]) / "access-tests"
SECRET = "the-secret-of-relais-at-the-provider"
RETURN = "/api/v1/login/provider/return"
ACCOUNTS = {
    "camille": {"acr": "eidas1", "claims": {"email": "camille@ccas.example", "email_verified": True, "groups": ["relais", "other"]}},
    "caf": {"acr": "eidas1", "claims": {"email": "caf@caf.example", "email_verified": True, "siret": "11002001300097"}},
    "weak": {"acr": "eidas2", "claims": {"email": "weak@ccas.example", "email_verified": True, "groups": ["relais"]}},
    "unknown": {"acr": "eidas1", "claims": {"email": "nobody@elsewhere.example", "email_verified": True}},
    "typed": {"acr": "eidas1", "claims": {"email": "boss@ccas.example", "email_verified": False}},
}
ROLES = """
[[access.provider.role]]
claim = "groups"
value = "relais"
role = "operator"
[[access.provider.role]]
claim = "siret"
value = "11002001300097"
role = "partner"
institution = "caf-25"
[[access.provider.role]]
claim = "email"
value = "boss@ccas.example"
role = "administrator"
"""


class ProviderStage:
    def __init__(self, client_secret=SECRET, authority=True, **provider):
        self.broker = BrokerProcess(["ccas-25056", "caf-25"])
        self.folder = self.broker.folder
        self.certificate, key = certificate(self.folder)
        self.issuer = f"https://localhost:{free_port()}"
        self._settings = {
            "issuer": self.issuer, "client_id": "relais", "client_secret": SECRET, "auth_method": "client_secret_post",
            "algorithm": "RS256", "signed_userinfo": True, "other_keys": False, "clock_ahead": 0,
            "redirect_uris": [self.broker.url(RETURN)], "post_logout_redirect_uris": [self.broker.url("/console/")],
            "accounts": ACCOUNTS, "certificate": str(self.certificate), "key": str(key)}
        self.provider = None
        (self.folder / "client.secret").write_text(client_secret + "\n")
        (self.folder / "client.secret").chmod(0o600)
        with open(self.folder / "relaisd.toml", "a", encoding="utf-8") as settings:
            settings.write(f'[access.provider]\nissuer = "{self.issuer}"\nname = "ProConnect"\nclient_id = "relais"\n'
                           'client_secret_file = "client.secret"\nscopes = ["openid", "email", "groups"]\n'
                           'acr_values = ["eidas1"]\n' + (f'ca_file = "{self.certificate}"\n' if authority else "") + ROLES)
        try:
            self.start_provider(**provider)
            self.broker.start()
        except RuntimeError:
            self.close()
            raise

    def start_provider(self, **changes):
        """Another one in its place when there is one already."""
        self.stop_provider()
        (self.folder / "provider.json").write_text(json.dumps({**self._settings, **changes}))
        with open(self.folder / "provider.log", "ab") as log:
            self.provider = subprocess.Popen(["node", NODE_FOLDER / "provider.mjs", self.folder / "provider.json"],
                                             stdout=subprocess.PIPE, stderr=log, text=True, cwd=NODE_FOLDER)
        if self.provider.stdout.readline() != "listening\n":
            raise RuntimeError("the provider did not start:\n" + (self.folder / "provider.log").read_text())

    def stop_provider(self):
        if self.provider:
            self.provider.kill()
            self.provider.wait()
            self.provider.stdout.close()
        self.provider = None

    def close(self):
        self.stop_provider()
        self.broker.close()
