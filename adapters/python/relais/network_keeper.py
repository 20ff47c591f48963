"""The network definition in use: kept on disk, replaced only by newer ones of the same authority."""

import threading

from google.protobuf.message import DecodeError

from relais import log
from relais.network import Network, Pins
from relais.refusal import Refusal
from relais.store import Store
from relais.v1 import network_pb2


class NetworkKeeper:
    """Threads: any. Begins with the definition on disk; one that is not what the pins ask for any more is left aside."""

    def __init__(self, store: Store, pins: Pins) -> None:
        self._store = store
        self._pins = pins
        self._changed = threading.Condition()
        self._stopped = False
        self._current = self._stored()

    def current(self) -> Network | None:
        return self._current

    def version(self) -> int:
        current = self._current
        return current.version if current else 0

    def accept(self, signed: network_pb2.SignedNetwork) -> None:
        """Uses it from now on; keep() stores it. network.signature, network.invalid, network.not_newer: the present one
        stays."""
        network = Network.verify(signed, self._pins)
        with self._changed:
            if network.version < self.version():
                raise Refusal("network.not_newer", "version", version=str(network.version), present=str(self.version()))
            self._current = network
            self._changed.notify_all()
        log.info("network definition in use", version=network.version)

    def keep(self, signed: network_pb2.SignedNetwork) -> None:
        """On the disk, what accept() took. io.failed."""
        with self._store.transaction():
            self._store.write("insert or replace into network values (1, ?)", (signed.SerializeToString(),))

    def wait(self, seconds: float) -> bool:
        """Until there is one; False when there is none by then, or after stop()."""
        with self._changed:
            self._changed.wait_for(lambda: self._current is not None or self._stopped, seconds)
            return self._current is not None

    def stop(self) -> None:
        """Lets waiting threads go."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _stored(self) -> Network | None:
        found = self._store.row("select signed from network")
        if found is None:
            return None
        try:
            return Network.verify(network_pb2.SignedNetwork.FromString(found[0]), self._pins)
        except (Refusal, DecodeError) as fault:
            code = fault.code if isinstance(fault, Refusal) else "network.invalid"
            log.warning("stored network definition left aside", code=code)
            return None
