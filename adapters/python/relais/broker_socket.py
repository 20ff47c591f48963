"""One ZeroMQ connection to a broker's endpoint: DEALER, CURVE, and the news of its end."""

import itertools

import zmq
import zmq.utils.z85
from zmq.utils.monitor import recv_monitor_message

from relais.keys import Key

_LOST = (
    zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)
FRAME_BYTES_MOST = 128 << 20
"""Protects from a broker that is none; far above frame_bytes_max of any broker."""
_monitors = itertools.count()



def _z85(key: bytes) -> bytes:
    return bytes(zmq.utils.z85.encode(key))  # type: ignore[no-untyped-call]


class BrokerSocket:
    """A new connection is a new socket: what an old one still held can not reach a new session, and pauses and the choice
    of the endpoint are the session's. Threads: the session's."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", endpoint: str, broker_key: bytes, mine: Key) -> None:
        self._socket = context.socket(zmq.DEALER)
        self._socket.curve_serverkey = _z85(broker_key)
        self._socket.curve_publickey = _z85(mine.public)
        self._socket.curve_secretkey = _z85(mine.secret)
        for option, value in (
            (zmq.RECONNECT_IVL, -1),
            (zmq.CONNECT_TIMEOUT, 5_000),
            (zmq.HANDSHAKE_IVL, 5_000),
            # A broker whose machine vanished is noticed by TCP. ZMTP's own pings stay off: libzmq 4.3.4 may abort with them.
            (zmq.TCP_KEEPALIVE, 1),
            (zmq.TCP_KEEPALIVE_IDLE, 10),
            (zmq.TCP_KEEPALIVE_INTVL, 5),
            (zmq.TCP_KEEPALIVE_CNT, 3),
            # Frames until the connection stands are refused, not gathered: what counts is in the outbox.
            (zmq.IMMEDIATE, 1),
            (zmq.SNDHWM, 64),
            (zmq.RCVHWM, 1_000),
            (zmq.MAXMSGSIZE, FRAME_BYTES_MOST),
            # On closing: time for the last settlements and Bye to leave.
            (zmq.LINGER, 500),
            (zmq.IPV6, int("[" in endpoint)),
        ):
            self._socket.setsockopt(option, value)
        address = f"inproc://relais.events.{next(_monitors)}"
        self._socket.monitor(address, _LOST)
        self._events = context.socket(zmq.PAIR)
        self._events.linger = 0
        self._events.connect(address)
        self._poller = zmq.Poller()
        self._poller.register(self._events, zmq.POLLIN)
        self._lost = False
        try:
            self._socket.connect(endpoint)
        except zmq.ZMQError:
            self._lost = True

    def wait(self, to_send: bool, wake_fd: int, seconds: float) -> None:
        """Until something comes, or can be sent, or `wake_fd` is readable."""
        self._poller.register(self._socket, zmq.POLLIN | (zmq.POLLOUT if to_send else 0))
        self._poller.register(wake_fd, zmq.POLLIN)
        self._poller.poll(max(0, int(seconds * 1_000)) + 1 if seconds > 0 else 0)

    def send(self, frame: bytes) -> bool:
        """False when nothing more is taken now."""
        try:
            self._socket.send(frame, zmq.DONTWAIT)
            return True
        except zmq.Again:
            return False

    def receive(self) -> bytes | None:
        """A whole message; empty when it had several parts, which a broker never sends. None: there is nothing."""
        try:
            parts = self._socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return None
        return parts[0] if len(parts) == 1 else b""

    def lost(self) -> bool:
        """The connection ended or never came to be. Only such events are asked for."""
        while not self._lost and self._events.poll(0):
            recv_monitor_message(self._events, zmq.DONTWAIT)
            self._lost = True
        return self._lost

    def close(self) -> None:
        self._socket.disable_monitor()
        self._events.close()
        self._socket.close()
