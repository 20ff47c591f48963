"""The network definition as an adapter uses it: who exists, whose keys count when, who may be told what."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from relais.refusal import Refusal
from relais.sealing import KEY_BYTES
from relais.signing import NETWORK_DOMAIN, verifies
from relais.v1 import network_pb2
from relais.wire import parse

BROKER_ID = "relais"
"""The broker's institution id in messages that it writes itself."""


@dataclass(frozen=True)
class Pins:
    """What an adapter was given out of band about the network it belongs to."""

    network: str
    authority_public_key: bytes
    broker_public_key: bytes


def valid_at(key: network_pb2.PublicKey | network_pb2.Agreement, at_ms: int) -> bool:
    return key.valid_from_ms <= at_ms and (key.valid_until_ms == 0 or at_ms < key.valid_until_ms)


class Network:
    """Immutable; shared between threads."""

    def __init__(self, definition: network_pb2.NetworkDefinition) -> None:
        """Use verify(): nothing here is checked."""
        self.definition = definition
        self._institutions = {institution.id: institution for institution in definition.institutions}
        self._missions = {mission.id: mission for mission in definition.missions}

    @staticmethod
    def verify(signed: network_pb2.SignedNetwork, pins: Pins) -> "Network":
        """Verifies the authority's signature, then reads. network.signature; network.invalid (field names what) when it
        is another network, another broker, or not readable."""
        if not verifies(pins.authority_public_key, NETWORK_DOMAIN, signed.definition, signed.signature):
            raise Refusal("network.signature", "signature")
        try:
            definition = parse(network_pb2.NetworkDefinition, signed.definition)
        except DecodeError:
            raise Refusal("network.invalid", "definition") from None
        for field, good in (
            ("network", definition.network == pins.network),
            ("version", definition.version != 0),
            ("broker.transport_key", definition.broker.transport_key == pins.broker_public_key),
        ):
            if not good:
                raise Refusal("network.invalid", field)
        return Network(definition)

    @property
    def version(self) -> int:
        return self.definition.version

    def institution(self, institution: str) -> network_pb2.Institution | None:
        return self._institutions.get(institution)

    def signing_key(self, institution: str, key_id: str, at_ms: int) -> bytes | None:
        """The key of that id, if it counted at that instant. `institution` may be BROKER_ID."""
        if institution == BROKER_ID:
            return _find([self.definition.broker.signing_key], key_id, at_ms)
        found = self.institution(institution)
        return _find(found.signing_keys, key_id, at_ms) if found else None

    def sealing_key(self, institution: str, key_id: str, at_ms: int) -> bytes | None:
        found = self.institution(institution)
        return _find(found.sealing_keys, key_id, at_ms) if found else None

    def current_sealing_key(self, institution: str, at_ms: int) -> network_pb2.PublicKey | None:
        """The key to seal with at this instant: of the valid ones, that with the latest beginning."""
        found = self.institution(institution)
        valid = [key for key in found.sealing_keys if valid_at(key, at_ms) and len(key.key) == KEY_BYTES] if found else []
        return max(valid, key=lambda key: key.valid_from_ms) if valid else None

    def has_purpose(self, purpose: str) -> bool:
        return any(known.id == purpose for known in self.definition.purposes)

    def default_recipient(self, purpose: str) -> str:
        """Who must take a referral for this purpose by law when nobody else did; empty: nobody."""
        return next((known.default_recipient for known in self.definition.purposes if known.id == purpose), "")

    def mission_of(self, institution: str) -> network_pb2.Mission | None:
        found = self.institution(institution)
        return self._missions.get(found.mission) if found else None

    def profile(self, profile_id: str) -> network_pb2.Profile | None:
        return next((profile for profile in self.definition.profiles if profile.id == profile_id), None)

    def agreement(self, sender: str, recipient: str, purpose: str, at_ms: int) -> network_pb2.Agreement:
        """The one in force under which `sender` may turn to `recipient`. agreement.none, .expired, .not_yet_valid."""
        nearest: network_pb2.Agreement | None = None
        for agreement in self.definition.agreements:
            if not any(getattr(d, "from") == sender and d.to == recipient for d in agreement.directions):
                continue
            if purpose_rule(agreement, purpose) is None:
                continue
            if valid_at(agreement, at_ms):
                return agreement
            nearest = agreement
        if nearest is None:
            raise Refusal("agreement.none", "purpose", **{"from": sender, "to": recipient, "purpose": purpose})
        code = "agreement.not_yet_valid" if at_ms < nearest.valid_from_ms else "agreement.expired"
        raise Refusal(code, "purpose", **{"agreement": nearest.id, "from": sender, "to": recipient})

    def agreement_between(self, one: str, other: str, purpose: str, at_ms: int) -> network_pb2.Agreement | None:
        """The one in force between the two, whoever may turn to whom: answers go back under the same."""
        for sender, recipient in ((one, other), (other, one)):
            with suppress(Refusal):
                return self.agreement(sender, recipient, purpose, at_ms)
        return None


def purpose_rule(agreement: network_pb2.Agreement, purpose: str) -> network_pb2.PurposeRule | None:
    return next((rule for rule in agreement.purposes if rule.purpose == purpose), None)


def _find(keys: Iterable[network_pb2.PublicKey], key_id: str, at_ms: int) -> bytes | None:
    for key in keys:
        if key.id == key_id and valid_at(key, at_ms):
            return key.key if len(key.key) == KEY_BYTES else None
    return None
