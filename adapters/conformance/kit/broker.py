"""The broker's end of the connection: a faithful one, until a step tells it to behave otherwise."""

import heapq
import itertools
import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import zmq
import zmq.utils.z85

from kit.letters import Letter, Submission
from kit.network import Network
from kit.watch import Watch
from relais.ids import now_ms
from relais.v1 import frames_pb2, refusal_pb2

LIMITS = {"heartbeat_ms": 1_000, "silence_ms": 5_000, "frame_bytes_max": 1 << 20, "message_bytes_max": 1 << 18,
          "credit_bytes_max": 1 << 22}
CREDIT_MOST = 500
_FRAME_DELIVERIES, _FRAME_BYTES = 100, 256 << 10
_PAUSE_S, _PAUSE_MOST_S = 0.3, 2.0
_STOOD_STILL_S = 0.5
_reserved: list[socket.socket] = []


def free_port() -> int:
    """Below those that outgoing connections get: an adapter that tries to reach a broker that is down would otherwise connect to
    itself one day. Another run, at the same time, does not get it as long as this process lives."""
    while True:
        port = random.randint(20_000, 32_000)
        mark = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                mark.bind(f"\0relais-conformance-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                mark.close()
                continue
        _reserved.append(mark)
        return port


def refused(code: str, **fields) -> refusal_pb2.Refused:
    return refusal_pb2.Refused(code=code, english="No.", french="Non.", **fields)


@dataclass
class Session:
    number: int
    peer: bytes
    heard: float
    messages: int = 0
    bytes: int = 0
    granted: int = 0
    delivered: dict[int, Letter] = field(default_factory=dict)


@dataclass
class Behaviour:
    """What a step changes; the default is a broker that does as the page says."""

    mute: bool = False
    on_hello: Callable[[], refusal_pb2.Refused | None] | None = None
    on_submit: Callable[[Submission], None] | None = None
    signed: Callable[[], object] | None = None
    network_version: int | None = None
    deliver: bool = True
    cut: bool = False
    """What the step sends may end the connection, and the session's silence is nobody's fault then."""


class Broker:
    """Threads: one of its own, which has the socket; everything else from the steps' thread, under `changed`."""

    def __init__(self, network: Network, watch: Watch, hands_over: str, credit_most: int, patience_s: float) -> None:
        # Where much is granted to a slow machine, silence is called one later: the adapter is told so.
        self.silence_s = max(LIMITS["silence_ms"] / 1_000, patience_s / 6)
        self._limits = {**LIMITS, "credit_messages_max": credit_most, "silence_ms": int(self.silence_s * 1_000)}
        self.network = network
        self.watch = watch
        self._hands_over = hands_over
        self._persons: dict[bytes, str] = {}  # case -> the family name that was delivered in it
        self.changed = threading.Condition()
        self.behaviour = Behaviour()
        self.session: Session | None = None
        self.hellos: list[float] = []
        self.sessions = 0
        self.pings = 0
        self.network_asked = 0
        self.verifiable = False
        """The adapter got a definition that the authority signed."""
        self.submissions: dict[bytes, Submission] = {}
        self.by_token: dict[str, Submission] = {}
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self._context = zmq.Context()
        self._socket: zmq.Socket | None = None
        self._wanted_up = False
        self._outgoing: deque[tuple[bytes, list[bytes]]] = deque()
        self._lines: dict[bytes, deque[Letter]] = {}
        self._ready: deque[bytes] = deque()
        self._parked: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count(1)
        self._held: dict[bytes, bytes] = {}  # case -> message without an answer
        self._looked = time.monotonic()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)
        self._thread.start()

    # ---- for the steps ----

    def up(self) -> None:
        self._switch(True)

    def down(self) -> None:
        """Closes every connection and listens no more. What was delivered and not settled will be delivered again."""
        self._switch(False)

    def break_off(self) -> None:
        """The connection ends; the broker is there again at once, and knows no session."""
        self.down()
        self.up()

    def forget_session(self) -> None:
        """As after a restart that the connection survived, or when the adapter was killed."""
        with self.changed:
            self._end_session()

    def post(self, letters: list[Letter]) -> None:
        with self.changed:
            for letter in letters:
                self._persons[letter.case_id] = letter.token
                for one in (letter.before, letter):
                    if one is not None:
                        self._post(one)

    def _post(self, letter: Letter) -> None:
        line = self._lines.setdefault(letter.case_id, deque())
        line.append(letter)
        if len(line) == 1:
            self._ready.append(letter.case_id)

    def withdraw(self, letters: list[Letter]) -> None:
        """What a step leaves behind must not follow the next one about."""
        with self.changed:
            for letter in letters:
                line = self._lines.get(letter.case_id)
                if not line or letter not in line:
                    continue
                was_first = line[0] is letter
                line.remove(letter)
                if not line:
                    del self._lines[letter.case_id]
                elif was_first:
                    self._ready.append(letter.case_id)

    def say(self, session: int | None = None, **entries) -> None:
        with self.changed:
            if self.session:
                number = self.session.number if session is None else session
                self._say(self.session.peer, frames_pb2.BrokerFrame(session=number, **entries))

    def say_parts(self, parts: list[bytes]) -> None:
        """Bytes as they are."""
        with self.changed:
            if self.session:
                self._outgoing.append((self.session.peer, parts))

    def receipt(self, submission: Submission, repeated: bool = False) -> None:
        submission.answered = True
        with self.changed:
            self._held.pop(submission.envelope.case_id, None)
            self.say(receipts=[frames_pb2.Receipt(message_id=submission.envelope.message_id, position=next(self._numbers),
                                                  durable_at_ms=now_ms(), repeated=repeated)])

    def refuse(self, submission: Submission, code: str, retry: bool, **fields) -> None:
        with self.changed:
            if not retry:
                submission.answered = True
                self._held.pop(submission.envelope.case_id, None)
            self.say(refusals=[refused(code, retry=retry, message_id=submission.envelope.message_id, **fields)])

    def close(self) -> None:
        self._ending = True
        self._thread.join()
        self._context.term()

    # ---- its thread ----

    def _switch(self, up: bool) -> None:
        with self.changed:
            self._wanted_up = up
            self.changed.wait_for(lambda: (self._socket is not None) == up, 10)

    def _run(self) -> None:
        while not self._ending:
            with self.changed:
                self._open_or_close()
                self.changed.notify_all()
            if self._socket is None:
                time.sleep(0.005)
                continue
            if not self._outgoing:
                self._socket.poll(5)
            with self.changed:
                self._receive()
                self._look_at_times()
                self._deliver()
                self._flush()
                self.changed.notify_all()
        if self._socket:
            self._socket.close()

    def _open_or_close(self) -> None:
        if self._wanted_up and self._socket is None:
            made = self._context.socket(zmq.ROUTER)
            made.linger = 0
            made.sndhwm = made.rcvhwm = 20_000
            made.curve_server = True
            made.curve_secretkey = zmq.utils.z85.encode(self.network.transport.secret)
            made.bind(self.endpoint)
            self._socket = made
        elif not self._wanted_up and self._socket is not None:
            self._end_session()
            self._outgoing.clear()
            self._socket.close()
            self._socket = None
            self._wait_until_free()

    def _wait_until_free(self) -> None:
        """libzmq lets go of the port on a thread of its own."""
        port = int(self.endpoint.rpartition(":")[2])
        for _ in range(1_000):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    return probe.bind(("127.0.0.1", port))
                except OSError:
                    time.sleep(0.005)

    def _receive(self) -> None:
        for _ in range(500):
            try:
                peer, *parts = self._socket.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                return
            frame = self.watch.frame(parts, LIMITS["frame_bytes_max"])
            if frame is None or self.behaviour.mute:
                if frame is not None and frame.HasField("hello"):
                    self.hellos.append(time.monotonic())
                continue
            self._on_frame(peer, frame)

    def _on_frame(self, peer: bytes, frame: frames_pb2.AdapterFrame) -> None:
        if frame.HasField("hello"):
            self.watch.hello(frame)
            return self._on_hello(peer)
        session = self.session
        if session is None or frame.session != session.number or peer != session.peer:
            # A frame of a session that ended; what never had one is a fault.
            self.watch.check("session", 0 < frame.session <= self.sessions, f"a frame with session {frame.session}")
            return self._say(peer, frames_pb2.BrokerFrame(refusals=[refused("session.unknown", retry=True)]))
        session.heard = time.monotonic()
        self.watch.check("session", True, "")
        for submit in frame.submits:
            self._on_submit(submit)
        if frame.HasField("grant"):
            self._on_grant(session, frame.grant)
        for settle in frame.settles:
            self._on_settle(session, settle)
        for query in frame.queries:
            self._on_query(session, query)
        if frame.HasField("ping"):
            self.pings += 1
            self._say(peer, frames_pb2.BrokerFrame(session=session.number, pong=frames_pb2.Pong()))
        if frame.HasField("bye"):
            self._end_session()

    def _on_hello(self, peer: bytes) -> None:
        self.hellos.append(time.monotonic())
        no = self.behaviour.on_hello() if self.behaviour.on_hello else None
        if no is not None:
            return self._say(peer, frames_pb2.BrokerFrame(refusals=[no]))
        self._end_session()
        self.sessions += 1
        self.session = Session(self.sessions, peer, time.monotonic())
        version = self.behaviour.network_version
        welcome = frames_pb2.Welcome(protocol_version=1, broker="conformance", broker_time_ms=now_ms(),
                                     network_version=self.network.version if version is None else version, **self._limits)
        self._say(peer, frames_pb2.BrokerFrame(session=self.sessions, welcome=welcome))

    def _on_submit(self, submit: frames_pb2.Submit) -> None:
        made = self.watch.submission(submit, LIMITS["message_bytes_max"])
        if made is None:
            return self._say(self.session.peer, frames_pb2.BrokerFrame(session=self.session.number,
                                                                        refusals=[refused("envelope.malformed")]))
        message_id, case_id = made.envelope.message_id, made.envelope.case_id
        if made.kind == self._hands_over:
            made.token = made.token or self._persons.get(case_id, "")
        known = self.submissions.setdefault(message_id, made)
        self.watch.check("same_bytes", known.data == made.data, f"{made.kind}: other bytes under the same message_id")
        known.times.append(time.monotonic())
        known.sessions.append(self.session.number)
        if known.token:
            self.by_token.setdefault(known.token, known)
        if not known.answered and case_id:
            first = self._held.setdefault(case_id, message_id)
            self.watch.check("case_order", first == message_id, f"{made.kind} was sent before the message before it had a receipt")
        if self.behaviour.on_submit:
            return self.behaviour.on_submit(known)
        self.receipt(known, repeated=known.answered)

    def _on_grant(self, session: Session, grant: frames_pb2.Grant) -> None:
        session.granted += grant.messages
        self.watch.check("credit", self.verifiable, "credit was granted before there was anything to verify with")
        session.messages = min(session.messages + grant.messages, self._limits["credit_messages_max"])
        session.bytes = min(session.bytes + grant.bytes, LIMITS["credit_bytes_max"])

    def _on_settle(self, session: Session, settle: frames_pb2.Settle) -> None:
        for number in settle.delivery_ids:
            letter = session.delivered.pop(number, None)
            if not self.watch.check("settle_once", letter is not None, "a delivery that is not of this session, or settled before"):
                self._say(session.peer, frames_pb2.BrokerFrame(session=session.number, refusals=[refused("delivery.unknown")]))
                continue
            letter.verdicts.append(settle)
            line = self._lines.get(letter.case_id)
            if not line or line[0] is not letter:  # withdrawn meanwhile
                continue
            if letter.verdict == "retry":
                pause = settle.retry.after_ms / 1_000 or _PAUSE_S * 2 ** min(letter.attempts - 1, 4)
                heapq.heappush(self._parked, (time.monotonic() + min(pause, _PAUSE_MOST_S), next(self._numbers), letter.case_id))
                continue
            line.popleft()
            if line:
                self._ready.append(letter.case_id)
            else:
                del self._lines[letter.case_id]

    def _on_query(self, session: Session, query: frames_pb2.Query) -> None:
        answer = frames_pb2.Answer(query_id=query.query_id)
        if query.HasField("network"):
            self.network_asked += 1
            answer.network.CopyFrom(self.behaviour.signed() if self.behaviour.signed else self.network.signed())
            self.verifiable |= self.behaviour.signed is None
        else:
            answer.refused.CopyFrom(refused("not.found"))
        self._say(session.peer, frames_pb2.BrokerFrame(session=session.number, answers=[answer]))

    def _look_at_times(self) -> None:
        now = time.monotonic()
        stood_still_s, self._looked = now - self._looked, now
        if self.session and stood_still_s > _STOOD_STILL_S:  # and with us the machine: nobody could be heard
            self.session.heard = min(now, self.session.heard + stood_still_s)
        while self._parked and self._parked[0][0] <= now:
            case_id = heapq.heappop(self._parked)[2]
            if case_id in self._lines:
                self._ready.append(case_id)
        if self.session and not self.behaviour.mute:
            quiet_s = now - self.session.heard
            talks = quiet_s <= self.silence_s
            if not self.behaviour.cut:
                self.watch.check("heartbeat", talks, f"{quiet_s:.1f} s of silence")
            if not talks:
                self._end_session()

    def _deliver(self) -> None:
        session = self.session
        while session and self.behaviour.deliver and self._ready and session.messages > 0 and session.bytes > 0:
            frame, size = frames_pb2.BrokerFrame(session=session.number), 0
            while self._ready and session.messages > 0 and session.bytes > 0 and size < _FRAME_BYTES \
                    and len(frame.deliveries) < _FRAME_DELIVERIES:
                line = self._lines.get(self._ready.popleft())
                if not line:
                    continue
                letter, number = line[0], next(self._numbers)
                letter.attempts += 1
                session.delivered[number] = letter
                frame.deliveries.append(letter.deliver(number, number))
                cost = len(letter.envelope) + sum(map(len, letter.compartments))
                session.messages, session.bytes, size = session.messages - 1, session.bytes - cost, size + cost
            self._say(session.peer, frame)

    def _end_session(self) -> None:
        if self.session:
            again = [letter.case_id for letter in self.session.delivered.values() if letter.case_id in self._lines]
            self._ready.extendleft(reversed(again))
            self.session = None

    def _say(self, peer: bytes, frame: frames_pb2.BrokerFrame) -> None:
        self._outgoing.append((peer, [frame.SerializeToString()]))

    def _flush(self) -> None:
        while self._outgoing and self._socket:
            peer, parts = self._outgoing.popleft()
            self._socket.send_multipart([peer, *parts])
