"""A network of three institutions with keys, two agreements and missions, signed; and adapters' settings in it."""

import os
import tempfile
import unittest
from pathlib import Path

from relais import AdapterConfig
from relais.config import SessionTimes
from relais.ids import now_ms
from relais.keyring import Keyring, ServedInstitution
from relais.keys import Key, public_half
from relais.network import Network, Pins
from relais.network_keeper import NetworkKeeper
from relais.outbox import Outbox
from relais.preparation import Preparation
from relais.referral_memory import ReferralMemory
from relais.signing import NETWORK_DOMAIN, sign
from relais.store import Store
from relais.v1 import common_pb2, network_pb2

CCAS, CAF, CPAM, PURPOSE = "ccas-25056", "caf-25", "cpam-25", "access_to_rights"
DAY_MS = 86_400_000
NEEDED = [common_pb2.CATEGORY_IDENTITY, common_pb2.CATEGORY_NOTE, common_pb2.CATEGORY_HEALTH]


def new_key(use, key_id):
    secret = os.urandom(32)
    return Key(use, key_id, public_half(use, secret), secret)


class SmallNetwork:
    """ccas-25056 and caf-25 may turn to each other, and caf-25 to cpam-25; caf-25's mission knows no health."""

    def __init__(self, broker_key=None):
        self.authority = new_key("signing", "authority")
        self.broker_signing = new_key("signing", "broker-1")
        self.broker_key = broker_key or os.urandom(32)
        self.keys = {institution: {use: new_key(use, f"{use}-1") for use in ("transport", "signing", "sealing")}
                     for institution in (CCAS, CAF, CPAM)}
        self.definition = network_pb2.NetworkDefinition(network="test", version=1, purposes=[network_pb2.Purpose(id=PURPOSE)])
        self.definition.broker.transport_key = self.broker_key
        self.definition.broker.signing_key.CopyFrom(network_pb2.PublicKey(id="broker-1", key=self.broker_signing.public))
        self.definition.missions.add(id="all", categories=NEEDED)
        self.definition.missions.add(id="benefits", categories=NEEDED[:2])
        for institution, keys in self.keys.items():
            self.definition.institutions.add(
                id=institution, mission="benefits" if institution == CAF else "all",
                **{f"{use}_keys": [network_pb2.PublicKey(id=key.id, key=key.public)] for use, key in keys.items()})
        self.agree("ccas-caf", (CCAS, CAF), (CAF, CCAS))
        self.agree("caf-cpam", (CAF, CPAM), (CCAS, CPAM))

    def agree(self, agreement, *directions, until_ms=0):
        made = self.definition.agreements.add(id=agreement, valid_until_ms=until_ms, forwarding=True)
        for sender, recipient in directions:
            made.directions.add(**{"from": sender, "to": recipient})
        made.purposes.add(purpose=PURPOSE, categories=NEEDED)

    @property
    def pins(self):
        return Pins("test", self.authority.public, self.broker_key)

    def signed(self, version=None):
        self.definition.version = version or self.definition.version
        data = self.definition.SerializeToString()
        return network_pb2.SignedNetwork(definition=data, signature=sign(self.authority.secret, NETWORK_DOMAIN, data))

    def network(self):
        return Network.verify(self.signed(), self.pins)

    def served(self, institution):
        keys = self.keys[institution]
        return ServedInstitution(institution, (keys["signing"],), (keys["sealing"],))

    def config(self, institution, folder, endpoints=("tcp://127.0.0.1:1",), **changes):
        times = SessionTimes(reconnect_first_s=0.05, reconnect_most_s=0.2, welcome_within_s=5, **changes.pop("times", {}))
        return AdapterConfig("test", self.pins, (self.served(institution),), self.keys[institution]["transport"],
                             tuple(endpoints), Path(folder), times=times, disk_reserve_bytes=0, **changes)


class Desk:
    """What an adapter of one institution prepares and stores, without a session."""

    def __init__(self, net, institution, folder, bytes_max=1 << 30):
        self.store = Store(Path(folder))
        self.keyring = Keyring([net.served(institution)])
        self.outbox = Outbox(self.store, bytes_max, 0)
        self.referrals = ReferralMemory(self.store)
        self.network = NetworkKeeper(self.store, net.pins)
        self.network.accept(net.signed())
        self.network.keep(net.signed())
        self.message_bytes_max = 0
        self.preparation = Preparation(self.keyring, self.network.current, self.outbox, self.referrals,
                                       lambda: self.message_bytes_max)

    def add(self, draft, **more):
        with self.store.transaction():
            return self.preparation.add(draft, **more)


class WithDesks(unittest.TestCase):
    def setUp(self):
        self.net = SmallNetwork()
        folder = tempfile.TemporaryDirectory(prefix="relais-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.now = now_ms()

    def desk(self, institution, **more):
        desk = Desk(self.net, institution, self.folder / institution, **more)
        self.addCleanup(desk.store.close)
        return desk

    def refused(self, code, field=None):
        """As a context: a Refusal with that code, and that field when it is said."""
        return _Refused(self, code, field)


class _Refused:
    def __init__(self, test, code, field):
        self._test, self._code, self._field = test, code, field

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, trace):
        self._test.assertIsNotNone(fault, f"{self._code} was expected")
        if getattr(fault, "code", None) != self._code:
            return False
        if self._field is not None:
            self._test.assertEqual(fault.field, self._field)
        self.refusal = fault
        return True
