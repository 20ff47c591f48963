"""The network that an adapter under test belongs to: its own institution, two partners, the broker, and an authority."""

import base64
import os
from pathlib import Path

from relais.keys import Key, public_half
from relais.signing import NETWORK_DOMAIN, sign
from relais.v1 import common_pb2, network_pb2

OURS, PARTNER, OTHER = "ccas-25056", "caf-25", "cpam-25"
NETWORK, PURPOSE = "conformance", "access_to_rights"
CATEGORIES = [common_pb2.CATEGORY_IDENTITY, common_pb2.CATEGORY_CONTACT, common_pb2.CATEGORY_NOTE]
_KEY_FILE = 'relais-key = "1"\nuse = "{use}"\nid = "{id}"\npublic = "{public}"\nsecret = "{secret}"\n'


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def new_key(use: str, key_id: str) -> Key:
    secret = os.urandom(32)
    return Key(use, key_id, public_half(use, secret), secret)


def write_key(key: Key, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key.id}.key"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(_KEY_FILE.format(use=key.use, id=key.id, public=text(key.public), secret=text(key.secret)))
    return path


class Network:
    """Keys are appended by the steps that change them; the last of a use is the one in use now."""

    def __init__(self) -> None:
        self.authority = new_key("signing", "authority")
        self.transport = new_key("transport", "broker")
        self.signing = new_key("signing", "broker-signing-1")
        self.keys: dict[str, dict[str, list[Key]]] = {
            one: {use: [new_key(use, f"{use}-1")] for use in ("transport", "signing", "sealing")} for one in (OURS, PARTNER, OTHER)}
        # The adapter has a sealing key that was renewed: messages sealed for the former one may still come.
        self.keys[OURS]["sealing"].append(new_key("sealing", "sealing-2"))
        self.version = 1

    def latest(self, institution: str, use: str) -> Key:
        return self.keys[institution][use][-1]

    def renew(self, institution: str, use: str) -> Key:
        """A new key and a new version of the definition, which nobody was told of yet."""
        keys = self.keys[institution][use]
        keys.append(new_key(use, f"{use}-{len(keys) + 1}"))
        self.version += 1
        return keys[-1]

    def definition(self, network: str = NETWORK, version: int | None = None) -> network_pb2.NetworkDefinition:
        made = network_pb2.NetworkDefinition(network=network, name="Conformance", version=version or self.version)
        made.broker.transport_key = self.transport.public
        made.broker.signing_key.CopyFrom(network_pb2.PublicKey(id=self.signing.id, key=self.signing.public))
        made.purposes.add(id=PURPOSE, name_en="Access to rights", name_fr="Accès aux droits")
        made.missions.add(id="all", name="All", categories=CATEGORIES)
        for institution, keys in self.keys.items():
            one = made.institutions.add(id=institution, name=institution, kind="ccas", mission="all", communes=["25056"])
            for use, list_of in keys.items():
                for number, key in enumerate(list_of):
                    # The later one counts from a later instant on; all of them count now.
                    getattr(one, f"{use}_keys").add(id=key.id, key=key.public, valid_from_ms=number)
        agreement = made.agreements.add(id="conformance", name="Conformance", legal_basis="none", valid_from_ms=1)
        for left, right in ((OURS, PARTNER), (OURS, OTHER), (PARTNER, OURS), (OTHER, OURS)):
            agreement.directions.add(**{"from": left, "to": right})
        agreement.purposes.add(purpose=PURPOSE, categories=CATEGORIES)
        return made

    def signed(self, by: Key | None = None, **changes) -> network_pb2.SignedNetwork:
        """By the authority, unless a step lets somebody else sign."""
        data = self.definition(**changes).SerializeToString()
        return network_pb2.SignedNetwork(definition=data, signature=sign((by or self.authority).secret, NETWORK_DOMAIN, data))
