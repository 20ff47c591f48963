"""Two institutions with an adapter each, stepped by the test itself, a real relaisd between them."""

import os
import time

import generated  # noqa: F401  (puts the generated messages on the path)
from relais.v1 import content_pb2

import relaisctl
import roles
from broker_process import BrokerProcess
from relais_adapter import Adapter, Settings
from relaisctl import PATIENCE_S

CCAS, CAF, PURPOSE = "ccas-25056", "caf-25", "access_to_rights"


def person(name):
    return content_pb2.Identity(family_name=name, given_names="Camille", birth_date="1990-01-31")


class Killed(Exception):
    """Raised by an adapter that dies in the middle of something: another one is put in its place."""


class TwoOffices(relaisctl.Control):
    def setUp(self):
        self.broker = BrokerProcess([CCAS, CAF])
        self.addCleanup(self.broker.close)
        self.broker.start()
        self.broker.apply_network()
        self.adapters = {}
        self.addCleanup(lambda: [adapter.close(bye=False) for adapter in self.adapters.values()])

    def adapter(self, institution, kind=Adapter, role=roles.Both, keys=None):
        settings = Settings(
            institution=institution, endpoint=self.broker.endpoint, broker_key=self.broker.broker_key,
            authority_key=self.broker.authority_key, network="test", keys=self.broker.keys_of(keys or institution),
            store=self.broker.folder / f"{institution}.sqlite")
        self.adapters[institution] = kind(settings, role())
        return self.adapters[institution]

    def run_until(self, condition, what):
        until = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > until:
                self.fail(f"{what} did not happen\n" + self.broker.log())
            for institution, adapter in list(self.adapters.items()):
                try:
                    adapter.step(0.005)
                except Killed:
                    adapter.close(bye=False)
                    self.adapter(institution)

    def ready(self, *adapters):
        self.run_until(lambda: all(adapter.network for adapter in adapters), "the network definition")

    def outbox(self, adapter):
        """[(kind, state, code)]"""
        return adapter.store.db.execute("select kind, state, code from outbox order by seq").fetchall()

    def inbox(self, adapter):
        return [kind for kind, in adapter.store.db.execute("select kind from inbox order by rowid")]

    def idle(self, *adapters):
        return all(state != "waiting" for adapter in adapters for _, state, _ in self.outbox(adapter))

    def ask(self, adapter, recipient, name, exercise=False):
        case_id, referral_id = os.urandom(16), os.urandom(16)
        with adapter.store.transaction():
            adapter.role.ask(adapter, recipient, PURPOSE, case_id, referral_id, person(name), exercise)
        return referral_id
