"""The network definition: verified, then the only place that keys are believed from (proto/README.md, 12)."""

import time

from relais.v1 import network_pb2

from relais_crypto import NETWORK_DOMAIN, verifies

BROKER = "relais"


class NotTrusted(Exception):
    pass


def now_ms() -> int:
    return int(time.time() * 1000)


def valid_at(key, at_ms: int) -> bool:
    return key.valid_from_ms <= at_ms and (key.valid_until_ms == 0 or at_ms < key.valid_until_ms)


class Network:
    def __init__(self, signed, authority: bytes, network_id: str, broker_key: bytes, version_min: int):
        if not verifies(authority, NETWORK_DOMAIN, signed.definition, signed.signature):
            raise NotTrusted("not signed by the authority")
        self.definition = network_pb2.NetworkDefinition.FromString(signed.definition)
        if self.definition.network != network_id:
            raise NotTrusted("another network")
        if self.definition.version < version_min:
            raise NotTrusted("older than the one known")
        if self.definition.broker.transport_key != broker_key:
            raise NotTrusted("another broker")
        self.institutions = {institution.id: institution for institution in self.definition.institutions}

    def signing_key(self, institution: str, key_id: str, at_ms: int):
        """Public bytes, or None."""
        broker = self.definition.broker.signing_key
        keys = [broker] if institution == BROKER else self._of(institution, "signing_keys")
        return self._find(keys, key_id, at_ms)

    def sealing_key(self, institution: str, key_id: str, at_ms: int):
        return self._find(self._of(institution, "sealing_keys"), key_id, at_ms)

    def newest_sealing_key(self, institution: str):
        """(id, public bytes) of the key to seal for."""
        valid = [key for key in self._of(institution, "sealing_keys") if valid_at(key, now_ms())]
        newest = max(valid, key=lambda key: key.valid_from_ms)
        return newest.id, newest.key

    def _of(self, institution, keys):
        return getattr(self.institutions[institution], keys) if institution in self.institutions else []

    @staticmethod
    def _find(keys, key_id, at_ms):
        return next((key.key for key in keys if key.id == key_id and valid_at(key, at_ms)), None)
