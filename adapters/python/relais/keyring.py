"""The secret keys of the institutions that an adapter serves, and which of them to use now."""

from collections.abc import Iterable
from dataclasses import dataclass

from relais.keys import Key
from relais.network import Network, valid_at
from relais.sealing import agree
from relais.v1 import network_pb2

_AGREEMENTS_MAX = 10_000


@dataclass(frozen=True)
class ServedInstitution:
    """During a rotation it has several keys of a kind; the one that the network definition says is valid is used."""

    id: str
    signing_keys: tuple[Key, ...]
    sealing_keys: tuple[Key, ...]


class Keyring:
    """Threads: any."""

    def __init__(self, institutions: Iterable[ServedInstitution]) -> None:
        self._served = {institution.id: institution for institution in institutions}
        self._agreed: dict[tuple[bytes, bytes], bytes] = {}

    def serves(self, institution: str) -> bool:
        return institution in self._served

    def only_institution(self) -> str:
        """Empty when there are several."""
        return next(iter(self._served)) if len(self._served) == 1 else ""

    def signing_key(self, institution: str, network: Network, at_ms: int) -> Key | None:
        mine, published = self._served.get(institution), network.institution(institution)
        return _best(mine.signing_keys, published.signing_keys, at_ms) if mine and published else None

    def sealing_key(self, institution: str, network: Network, at_ms: int) -> Key | None:
        mine, published = self._served.get(institution), network.institution(institution)
        return _best(mine.sealing_keys, published.sealing_keys, at_ms) if mine and published else None

    def sealing_key_named(self, institution: str, key_id: str) -> Key | None:
        """Retired ones too: to open what was sealed for them."""
        mine = self._served.get(institution)
        return next((key for key in mine.sealing_keys if key.id == key_id), None) if mine else None

    def shared(self, mine: Key, theirs: bytes) -> bytes:
        """key.invalid. What two pairs agree on is kept: making it is the dear part of sealing."""
        pair = (mine.public, theirs)
        known = self._agreed.get(pair)
        if known is None:
            known = agree(mine.secret, theirs)
            if len(self._agreed) >= _AGREEMENTS_MAX:
                self._agreed.clear()
            self._agreed[pair] = known
        return known


def _best(mine: Iterable[Key], published: Iterable[network_pb2.PublicKey], at_ms: int) -> Key | None:
    """Of `mine`, the one that is published under the same id with the same bytes, is valid, and begins last."""
    found = [
        (shown.valid_from_ms, key)
        for key in mine
        for shown in published
        if shown.id == key.id and shown.key == key.public and valid_at(shown, at_ms)
    ]
    return max(found, key=lambda one: one[0], default=(0, None))[1]
