"""Adapters at work on a thread of their own while the test does something else."""

import os
import threading
import time

import generated  # noqa: F401  (makes the protocol importable)
from relais.v1 import content_pb2

import roles
from relais_adapter import Adapter, Settings
from two_offices import CAF, CCAS, PURPOSE

CANARY = "Canari"


class Traffic:
    """The adapters of both institutions, or of one; the first of them asks the other again and again."""

    def __init__(self, broker, store="", asks=True, offices=(CCAS, CAF), kind=Adapter, role=roles.Both):
        self.asked = []
        self.broken = None
        self.adapters = {}
        self._broker, self._store, self._asks = broker, store, asks
        self._offices, self._kind, self._role = offices, kind, role
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._guard)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _guard(self):
        try:
            self._run()
        except Exception as why:  # shown by the test, which waits for what does not come
            self.broken = why

    def _adapter(self, institution):
        return self._kind(Settings(
            institution=institution, endpoint=self._broker.endpoint, broker_key=self._broker.broker_key,
            authority_key=self._broker.authority_key, network="test", keys=self._broker.keys_of(institution),
            store=self._broker.folder / f"{institution}{self._store}.sqlite"), self._role())

    def _run(self):
        self.adapters = {institution: self._adapter(institution) for institution in self._offices}
        ccas = self.adapters[CCAS]
        last = 0.0
        while not self._stop.is_set():
            for adapter in self.adapters.values():
                adapter.step(0.005)
            if self._asks and ccas.network and time.monotonic() - last > 0.05:
                last = time.monotonic()
                referral = os.urandom(16)
                with ccas.store.transaction():
                    ccas.role.ask(ccas, CAF, PURPOSE, os.urandom(16), referral,
                                  content_pb2.Identity(family_name=CANARY, given_names="Camille"))
                self.asked.append(referral)
        for adapter in self.adapters.values():
            adapter.close()
