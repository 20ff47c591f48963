"""A Relais adapter, written from proto/README.md and the .proto files alone. One thread, one connection.

A role gets `handle(adapter, envelope, contents)` for each message, once, in the transaction that also remembers it;
what it submits there is part of the same transaction.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import zmq
import zmq.utils.z85
from relais.v1 import envelope_pb2, frames_pb2, network_pb2

import relais_crypto as crypto
from relais_crypto import Key
from relais_network import Network, NotTrusted, now_ms
from relais_store import Store

CREDIT_MESSAGES = 16
CREDIT_BYTES = 16 << 20
RESEND_S = 30.0
WELCOME_S = 5.0


@dataclass
class Settings:
    institution: str
    endpoint: str
    broker_key: bytes        # given out of band, as the next two
    authority_key: bytes
    network: str
    keys: list[Path]         # one transport, one signing, one or more sealing
    store: Path
    name: str = "python-test"


class NotYet(Exception):
    """The message can not be handled now: retry, with a code."""


class Never(Exception):
    """The message can never be handled: reject, with a code."""


@dataclass
class Connection:
    """What ends with the session."""

    socket: zmq.Socket
    session: int = 0
    heartbeat_s: float = 5.0
    silence_s: float = 15.0
    hello_at: float = 0.0
    said_at: float = 0.0
    heard_at: float = field(default_factory=time.monotonic)
    sent: dict = field(default_factory=dict)      # message_id -> when it may be sent again
    query_id: int = 0


class Adapter:
    def __init__(self, settings: Settings, role):
        self.settings = settings
        self.role = role
        self.store = Store(settings.store)
        keys = [Key.read(path) for path in settings.keys]
        self.transport = next(key for key in keys if key.use == "transport")
        self.signing = next(key for key in keys if key.use == "signing")
        self.sealing = {key.id: key for key in keys if key.use == "sealing"}
        version, signed = self.store.network()
        self.network = self._trusted(network_pb2.SignedNetwork.FromString(signed), version) if signed else None
        self.context = zmq.Context()
        self.connection = None
        self.refusals = []    # of frames and sessions: (code, field)
        self.pause_s = 0.2
        self.connect_at = 0.0

    # ---- what a role does ----

    def submit(self, body: str, recipients, case_id, referral_id, purpose, contents=(), message=None, **fields):
        """Builds, signs and stores one message; it leaves when its turn comes. Answers its message id."""
        envelope = envelope_pb2.Envelope(
            version=1, message_id=os.urandom(16), sender=self.settings.institution, recipients=recipients,
            case_id=case_id, referral_id=referral_id, purpose=purpose, sent_at_ms=now_ms(),
            signing_key=self.signing.id, **fields,
        )
        getattr(envelope, body).SetInParent()
        if message is not None:
            getattr(envelope, body).CopyFrom(message)
        compartments = []
        for category, content in contents:
            keys = {recipient: self.network.newest_sealing_key(recipient) for recipient in recipients}
            own = max(self.sealing.values(), key=lambda key: key.id)
            sealed = crypto.seal(envelope.message_id, category, content, own, keys).SerializeToString()
            envelope.compartments.add(category=category, digest=crypto.digest(sealed), recipients=recipients)
            compartments.append(sealed)
        data = envelope.SerializeToString()
        submit = frames_pb2.Submit(
            envelope=data, signature=crypto.sign(self.signing, crypto.ENVELOPE_DOMAIN, data), compartments=compartments
        )
        self.store.put_out(envelope.message_id, referral_id, body, submit.SerializeToString())
        return envelope.message_id

    # ---- the loop ----

    def step(self, wait_s: float = 0.05):
        """One turn: reads what came, says what is due."""
        if self.connection is None:
            if time.monotonic() < self.connect_at:
                return time.sleep(wait_s)
            self._connect()
        if self.connection.socket.poll(int(wait_s * 1000)):
            self._read(frames_pb2.BrokerFrame.FromString(self.connection.socket.recv()))
        self._speak()

    def close(self, bye=True):
        if self.connection:
            if bye and self.connection.session:
                self._send(frames_pb2.AdapterFrame(bye=frames_pb2.Bye()))
                self.connection.socket.linger = 500
            self.connection.socket.close()
        self.context.term()
        self.store.close()

    def _connect(self):
        socket = self.context.socket(zmq.DEALER)
        socket.curve_serverkey = zmq.utils.z85.encode(self.settings.broker_key)
        socket.curve_publickey = zmq.utils.z85.encode(self.transport.public)
        socket.curve_secretkey = zmq.utils.z85.encode(self.transport.secret)
        socket.linger = 0
        socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, 10)
        socket.setsockopt(zmq.RECONNECT_IVL, 200)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 10000)
        socket.connect(self.settings.endpoint)
        self.connection = Connection(socket)
        self._hello()

    def _drop(self):
        self.connection.socket.close()
        self.connection = None
        self.connect_at = time.monotonic() + self.pause_s
        self.pause_s = min(10.0, self.pause_s * 2)

    def _hello(self):
        self.connection.session = 0
        self.connection.sent.clear()
        self.connection.hello_at = time.monotonic()
        self._send(frames_pb2.AdapterFrame(hello=frames_pb2.Hello(
            protocol_versions=[1], adapter=self.settings.name, adapter_version="1",
            institutions=[self.settings.institution])))

    def _send(self, frame):
        if not frame.HasField("hello"):
            frame.session = self.connection.session
        self.connection.said_at = time.monotonic()
        self.connection.socket.send(frame.SerializeToString())

    def _speak(self):
        at, here = time.monotonic(), self.connection
        if at - here.heard_at > here.silence_s or (not here.session and at - here.hello_at > WELCOME_S):
            self._drop()
        elif here.session:
            frame = frames_pb2.AdapterFrame()
            for message_id, submit in self.store.next_out():
                if at >= here.sent.get(message_id, 0.0):
                    frame.submits.add().MergeFromString(submit)
                    here.sent[message_id] = at + RESEND_S
            if frame.submits:
                self._send(frame)
            elif at - here.said_at > here.heartbeat_s:
                self._send(frames_pb2.AdapterFrame(ping=frames_pb2.Ping()))

    # ---- what the broker says ----

    def _read(self, frame):
        self.connection.heard_at = time.monotonic()
        if frame.HasField("welcome"):
            self._welcome(frame)
        for receipt in frame.receipts:
            self.store.answered(receipt.message_id, "accepted", position=receipt.position)
        for refused in frame.refusals:
            self._refused(refused, frame.session)
        for answer in frame.answers:
            if answer.HasField("network"):
                self._use(answer.network)
        if frame.HasField("notice") and frame.notice.network_version:
            self._ask_for_network(frame.notice.network_version)
        if frame.deliveries:
            self._deliveries(frame.deliveries)

    def _welcome(self, frame):
        here, welcome = self.connection, frame.welcome
        here.session, self.pause_s = frame.session, 0.2
        here.heartbeat_s, here.silence_s = welcome.heartbeat_ms / 1000, welcome.silence_ms / 1000
        self._ask_for_network(welcome.network_version)
        if self.network:
            self._grant(CREDIT_MESSAGES)

    def _ask_for_network(self, version):
        if self.network is None or self.network.definition.version != version:
            self.connection.query_id += 1
            query = frames_pb2.Query(query_id=self.connection.query_id, network=frames_pb2.NetworkQuery())
            self._send(frames_pb2.AdapterFrame(queries=[query]))

    def _trusted(self, signed, version_min):
        settings = self.settings
        return Network(signed, settings.authority_key, settings.network, settings.broker_key, version_min)

    def _use(self, signed):
        first = self.network is None
        self.network = self._trusted(signed, self.store.network()[0])
        with self.store.transaction():
            self.store.keep_network(self.network.definition.version, signed.SerializeToString())
        if first:
            self._grant(CREDIT_MESSAGES)  # nothing can be verified, so nothing is asked for, before this

    def _grant(self, messages):
        self._send(frames_pb2.AdapterFrame(grant=frames_pb2.Grant(messages=messages, bytes=CREDIT_BYTES)))

    def _refused(self, refused, session):
        here = self.connection
        if refused.message_id:
            if refused.retry:
                here.sent[refused.message_id] = time.monotonic() + max(1.0, refused.retry_after_ms / 1000)
            else:
                self.store.answered(refused.message_id, "refused", code=refused.code)
            return
        self.refusals.append((refused.code, refused.field))
        if refused.code == "session.unknown" and here.session and session != here.session:
            self._hello()
        if refused.code == "identity.unknown":
            here.session = 0

    # ---- deliveries ----

    def _deliveries(self, deliveries):
        frame = frames_pb2.AdapterFrame(grant=frames_pb2.Grant(messages=len(deliveries), bytes=CREDIT_BYTES))
        for delivery in deliveries:
            settle = frame.settles.add(delivery_ids=[delivery.delivery_id])
            try:
                self._take(delivery)
                settle.acknowledge.SetInParent()
            except NotYet as reason:
                settle.retry.reason = str(reason)
            except Never as reason:
                settle.reject.reason = str(reason)
        self._send(frame)

    def _take(self, delivery):
        envelope = envelope_pb2.Envelope.FromString(delivery.envelope)
        if self.store.has_in(envelope.message_id):
            return
        key = self.network.signing_key(envelope.sender, envelope.signing_key, envelope.sent_at_ms)
        if key is None:
            raise NotYet("signing_key.unknown")
        if not crypto.verifies(key, crypto.ENVELOPE_DOMAIN, delivery.envelope, delivery.signature):
            raise Never("signature.invalid")
        if delivery.recipient != self.settings.institution or delivery.recipient not in envelope.recipients:
            raise Never("recipient.wrong")
        contents = self._open(envelope, delivery)
        kind = envelope.WhichOneof("body")
        if kind is None:
            raise NotYet("kind.unknown")
        with self.store.transaction():
            self.store.put_in(envelope.message_id, kind, envelope.sender)
            self.role.handle(self, envelope, contents)

    def _open(self, envelope, delivery):
        """Category -> content message."""
        mine = [announced for announced in envelope.compartments if delivery.recipient in announced.recipients]
        if len(mine) != len(delivery.compartments):
            raise Never("compartment.missing")
        contents = {}
        for announced, data in zip(mine, delivery.compartments):
            if crypto.digest(data) != announced.digest:
                raise Never("compartment.digest_mismatch")
            compartment = envelope_pb2.Compartment.FromString(data)
            wrap = next((w for w in compartment.wraps if w.recipient == delivery.recipient), None)
            own = self.sealing.get(wrap.recipient_key) if wrap else None
            if own is None:
                raise Never("sealing_key.unknown")
            theirs = self.network.sealing_key(envelope.sender, wrap.sender_key, envelope.sent_at_ms)
            if theirs is None:
                raise NotYet("sealing_key.unknown")
            try:
                content = crypto.open_compartment(compartment, envelope.message_id, wrap, own.secret, theirs)
            except crypto.DoesNotOpen:
                raise Never("compartment.does_not_open") from None
            contents[announced.category] = content
        return contents
