"""One connection to the broker, from Hello to its end: heartbeats, credit, submissions, settlements, queries."""

import time
from dataclasses import dataclass
from typing import Protocol

from relais import log
from relais.broker_socket import BrokerSocket
from relais.credit import Credit
from relais.frames import PROTOCOL_VERSION, read_broker_frame, submit_bytes
from relais.health import Figures
from relais.mailbox import Mailbox, Question, Settlement
from relais.outbox import Entry
from relais.refusal import Refusal
from relais.submissions import Submissions
from relais.v1 import frames_pb2, network_pb2, refusal_pb2

_FRAMES_IN_A_ROW = 64
_SETTLES_MAX = 512
_FAREWELL_S = 0.5
_NETWORK_AGAIN_S = 1.0
_DRAINING_PAUSE_S = 5.0
_REST_OF_FRAME = 64 << 10  # ids of settlements, queries


class Listener(Protocol):
    """What the session tells; on its thread, so nothing here may wait."""

    def delivered(self, session: int, delivery: frames_pb2.Deliver) -> None: ...
    def promised(self, entry: Entry, position: int) -> None: ...
    def refused(self, entry: Entry, refusal: refusal_pb2.Refused) -> None: ...
    def put_off(self, entry: Entry, refusal: refusal_pb2.Refused) -> None: ...
    def network_received(self, signed: network_pb2.SignedNetwork) -> None: ...
    def network_version(self) -> int: ...
    def keeps_up(self) -> bool: ...


@dataclass(frozen=True)
class SessionSettings:
    """Times in seconds. Defaults are what production uses; tests shorten them."""

    hello: frames_pb2.Hello
    in_hand_messages_max: int = 256
    in_hand_bytes_max: int = 16 << 20
    welcome_within_s: float = 5.0


@dataclass
class End:
    stopped: bool = False
    was_open: bool = False
    why: str = ""
    not_before_s: float = 0.0


class Connection:
    """Threads: the session's. Questions without an answer go back to `questions` when it ends, for the next one."""

    def __init__(self, settings: SessionSettings, socket: BrokerSocket, submissions: Submissions, listener: Listener,
                 figures: Figures, mailbox: Mailbox, questions: list[Question]) -> None:
        self._settings = settings
        self._socket = socket
        self._submissions = submissions
        self._listener = listener
        self._figures = figures
        self._mailbox = mailbox
        self._questions = questions
        self.session = 0  # 0: not welcomed yet
        self._end = End()
        self._ended = self._leaving = self._said_bye = False
        self._heartbeat_s, self._silence_s = 5.0, 15.0
        self._frame_bytes_max = 1 << 20
        self._now = self._leave_until = 0.0
        self._outgoing = b""  # a frame that the socket did not take yet
        self._next_query = 1
        self._network_wanted = False
        self._reset()

    def _reset(self) -> None:
        """What begins anew with each Hello."""
        self._now = time.monotonic()
        self.session = 0
        self._credit = Credit(self._settings.in_hand_messages_max, self._settings.in_hand_bytes_max)
        self._settlements: list[Settlement] = []
        self._in_hand: dict[int, int] = {}  # delivery id -> bytes
        self._asked: dict[int, Question] = {}
        self._network_query: int | None = None
        self._network_asked_at = 0.0
        self._hello_until = self._now + self._settings.welcome_within_s
        self._last_heard = self._last_said = self._last_ping = self._now

    def run(self) -> End:
        self._say_hello()
        while not self._ended:
            self._now = time.monotonic()
            self._take_orders()
            self._receive()
            if self._socket.lost():
                self._finish("connection.lost" if self.session else "connection.failed")
            self._check_times()
            if self._ended:
                break
            taken = self._send()
            if self._said_bye and not self._outgoing:
                break
            self._socket.wait(not taken, self._mailbox.wake_fd, self._patience())
        self._end.stopped = self._leaving
        self.session = 0
        self._questions.extend(self._asked.values())
        return self._end

    def _finish(self, why: str) -> None:
        if not self._ended:
            self._ended, self._end.why = True, why

    def _say_hello(self) -> None:
        self._questions.extend(self._asked.values())
        self._reset()
        self._figures.note(connected=False)
        self._outgoing = frames_pb2.AdapterFrame(hello=self._settings.hello).SerializeToString()

    def _take_orders(self) -> None:
        orders = self._mailbox.take()
        if orders.stop and not self._leaving:
            self._leaving, self._leave_until = True, self._now + _FAREWELL_S
        self._network_wanted |= orders.refresh_network
        self._settlements += [one for one in orders.settlements if self.session and one.session == self.session]
        self._questions += orders.questions

    # ---- what the broker says ----

    def _receive(self) -> None:
        for _ in range(_FRAMES_IN_A_ROW):
            data = self._socket.receive()
            if data is None or self._ended:
                return
            self._last_heard = self._now
            self._figures.contact()
            try:
                if not data:
                    raise Refusal("frame.malformed")
                self._on_frame(read_broker_frame(data))
            except Refusal as refusal:
                return self._finish(refusal.code)

    def _on_frame(self, frame: frames_pb2.BrokerFrame) -> None:
        if frame.HasField("welcome"):
            self._on_welcome(frame.session, frame.welcome)
        for refusal in frame.refusals:
            self._on_refused(frame.session, refusal)
        if self.session == 0 or frame.session != self.session:
            return
        for receipt in frame.receipts:
            entry = self._submissions.answered(receipt.message_id)
            if entry:
                self._figures.count("receipts")
                self._listener.promised(entry, receipt.position)
        for delivery in frame.deliveries:
            size = submit_bytes(delivery)
            self._credit.delivered(size)
            self._in_hand[delivery.delivery_id] = size
            self._listener.delivered(self.session, delivery)
        for answer in frame.answers:
            self._on_answer(answer)
        if frame.HasField("notice"):
            self._on_notice(frame.notice)

    def _on_welcome(self, session: int, welcome: frames_pb2.Welcome) -> None:
        if session == 0 or welcome.protocol_version != PROTOCOL_VERSION:
            return self._finish("frame.version")
        self.session = session
        self._end.was_open = True
        # Below a tenth of a second the two would only talk about being alive.
        self._heartbeat_s = max(welcome.heartbeat_ms, 100) / 1_000
        self._silence_s = max(welcome.silence_ms, 200) / 1_000
        self._frame_bytes_max = welcome.frame_bytes_max or self._frame_bytes_max
        self._figures.message_bytes_max = welcome.message_bytes_max
        self._credit = Credit(min(self._settings.in_hand_messages_max, welcome.credit_messages_max),
                              min(self._settings.in_hand_bytes_max, welcome.credit_bytes_max))
        self._submissions.session_opened()
        self._figures.count("sessions")
        self._figures.note(connected=True, draining=False)
        log.info("session opened", broker=welcome.broker, network_version=welcome.network_version)
        self._network_wanted = welcome.network_version not in (0, self._listener.network_version())

    def _on_refused(self, session: int, refusal: refusal_pb2.Refused) -> None:
        if not refusal.message_id:
            return self._on_session_refused(session, refusal)
        if self.session == 0 or session != self.session:
            return
        if refusal.retry:
            self._figures.count("refusals_retried")
            entry = self._submissions.put_off(refusal.message_id, refusal.retry_after_ms, self._now)
            if entry:
                self._listener.put_off(entry, refusal)
        else:
            entry = self._submissions.answered(refusal.message_id)
            if entry:
                self._figures.count("refusals")
                self._listener.refused(entry, refusal)
        self._figures.error(refusal.code)

    def _on_session_refused(self, session: int, refusal: refusal_pb2.Refused) -> None:
        if refusal.code == "session.unknown":
            # With the present session, or before there is one, it speaks of an older frame.
            if self.session and session != self.session:
                self._say_hello()
            return
        if refusal.code == "delivery.unknown":  # harmless: the session in which it was settled has ended meanwhile
            return
        log.warning("broker refused", code=refusal.code, field=refusal.field)
        self._figures.error(refusal.code)
        if self.session == 0 or refusal.code in ("identity.unknown", "rate.exceeded"):
            # After rate.exceeded nobody knows which frames were not read: a new session says everything again.
            self._end.not_before_s = min(max(refusal.retry_after_ms, 0), 60_000) / 1_000
            self._finish(refusal.code)

    def _on_answer(self, answer: frames_pb2.Answer) -> None:
        if answer.query_id == self._network_query:
            self._network_query = None
            if answer.HasField("network"):
                self._listener.network_received(answer.network)
            return
        question = self._asked.pop(answer.query_id, None)
        if question:
            question.answer(answer)

    def _on_notice(self, notice: frames_pb2.Notice) -> None:
        if notice.draining:
            self._figures.note(draining=True)
            self._submissions.pause(_DRAINING_PAUSE_S, self._now)
            log.info("broker is draining")
        else:
            self._figures.note(draining=False)
        if notice.network_version not in (0, self._listener.network_version()):
            self._network_wanted = True

    # ---- what we say ----

    def _compose(self) -> frames_pb2.AdapterFrame | None:
        """None when there is nothing to say."""
        frame = frames_pb2.AdapterFrame()
        self._compose_settles(frame)
        self._compose_queries(frame)
        if not self._leaving:
            # Nothing could be verified without a definition, so nothing is asked for.
            grant = self._credit.due() if self._listener.network_version() else None
            if grant:
                frame.grant.CopyFrom(grant)
            if self._listener.keeps_up():
                room = max(self._frame_bytes_max - _REST_OF_FRAME, _REST_OF_FRAME)
                self._submissions.fill(frame, room, self._now)
        quiet = self._heartbeat_s / 2
        silent = self._now - self._last_said >= quiet or self._now - self._last_heard >= quiet
        if silent and self._now - self._last_ping >= quiet:
            self._last_ping = self._now
            frame.ping.SetInParent()
        if self._leaving and not self._settlements and not self._said_bye:
            self._said_bye = True
            frame.bye.SetInParent()
        return frame if frame.ListFields() else None

    def _compose_settles(self, frame: frames_pb2.AdapterFrame) -> None:
        now, self._settlements = self._settlements[:_SETTLES_MAX], self._settlements[_SETTLES_MAX:]
        acknowledged = []
        for settlement in now:
            size = self._in_hand.pop(settlement.delivery_id, None)
            if size is None:
                continue
            self._credit.settled(size)
            if settlement.verdict.HasField("acknowledge"):
                acknowledged.append(settlement.delivery_id)
            else:
                frame.settles.add(delivery_ids=[settlement.delivery_id]).MergeFrom(settlement.verdict)
        if acknowledged:
            frame.settles.add(delivery_ids=acknowledged, acknowledge=frames_pb2.Acknowledge())

    def _compose_queries(self, frame: frames_pb2.AdapterFrame) -> None:
        again = self._now - self._network_asked_at >= _NETWORK_AGAIN_S
        if self._network_wanted and self._network_query is None and again:
            self._network_wanted, self._network_asked_at = False, self._now
            self._network_query = self._query_id()
            frame.queries.add(query_id=self._network_query, network=frames_pb2.NetworkQuery())
        for question in self._questions:
            if question.until >= self._now:
                query = frame.queries.add()
                query.CopyFrom(question.query)
                query.query_id = self._query_id()
                self._asked[query.query_id] = question
        self._questions.clear()
        for query_id in [one for one, question in self._asked.items() if question.until < self._now]:
            del self._asked[query_id]

    def _query_id(self) -> int:
        self._next_query += 1
        return self._next_query - 1

    def _send(self) -> bool:
        """False while the socket takes nothing more."""
        for _ in range(_FRAMES_IN_A_ROW):
            if not self._outgoing:
                frame = self._compose() if self.session else None
                if frame is None:
                    return True
                frame.session = self.session
                self._outgoing = frame.SerializeToString()
            if not self._socket.send(self._outgoing):
                return False
            self._outgoing = b""
            self._last_said = self._now
        return True

    def _check_times(self) -> None:
        if self._leaving and (self.session == 0 or self._now > self._leave_until):
            self._finish("stopped")
        elif self.session == 0:
            if self._now > self._hello_until:
                self._finish("welcome.none")
        elif self._now - self._last_heard > self._silence_s:
            self._finish("connection.silence")
        elif self._submissions.overdue(self._now):
            self._finish("answer.none")

    def _patience(self) -> float:
        if self.session == 0:
            return max(0.0, self._hello_until - self._now) + 0.001
        if not self._outgoing:
            may_submit = not self._leaving and self._listener.keeps_up()
            if self._settlements or (may_submit and self._submissions.something_to_send(self._now)):
                return 0.0
        until = min(self._now + self._heartbeat_s / 4, self._now + 1.0)
        if self._submissions.paused_until > self._now:
            until = min(until, self._submissions.paused_until)
        return until - self._now
