"""Everything that becomes of what the broker says: on one thread, apart from the session, so that a slow handler never
costs the connection."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from relais import log
from relais.automatic import automatic_after_receipt, automatic_reply, needs_side
from relais.frames import read_envelope
from relais.handler import Handler
from relais.health import Figures
from relais.ids import id_text
from relais.inbox import Inbox
from relais.keyring import Keyring
from relais.mailbox import Settlement
from relais.message_kinds import CONNECTION_TEST
from relais.messages import Incoming, Submission, Verdict, retry
from relais.network_keeper import NetworkKeeper
from relais.notes import NoteStore
from relais.opener import Unreadable, open_delivery
from relais.outbox import Entry, Outbox
from relais.preparation import Preparation
from relais.referral_memory import ReferralMemory
from relais.refusal import Refusal
from relais.session import Session
from relais.store import Store
from relais.v1 import envelope_pb2, frames_pb2, network_pb2, refusal_pb2
from relais.wire import parse

_WAITING_MAX = 16_384
_GROUP_MAX = 64
_GROUP_S = 0.01
_VIEW_PATIENCE_S = 5.0


@dataclass(frozen=True)
class WorkerParts:
    """What the worker uses."""

    handler: Handler
    store: Store
    outbox: Outbox
    inbox: Inbox
    notes: NoteStore
    referrals: ReferralMemory
    keyring: Keyring
    network: NetworkKeeper
    preparation: Preparation
    figures: Figures
    automatic_receipts: bool


class Worker:
    """Threads: start() and stop() from one; tell() and keeps_up() from any; the handler is called on the worker's."""

    def __init__(self, parts: WorkerParts) -> None:
        self._parts = parts
        self._news: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._stopping = False
        self._settlements: list[Settlement] = []
        self._thread: threading.Thread | None = None

    def start(self, session: Session, failed: Callable[[], None]) -> None:
        """`failed` is called when the thread can not go on."""
        self._session = session
        self._failed = failed
        self._thread = threading.Thread(target=self._run, name="relais-worker")
        self._thread.start()

    def stop(self) -> None:
        """Ends after the handler's present call; what was handled until then is settled. Idempotent."""
        self._stopping = True
        self._news.put(None)
        if self._thread:
            self._thread.join()

    def keeps_up(self) -> bool:
        return self._news.qsize() < _WAITING_MAX

    def tell_delivered(self, session: int, delivery: frames_pb2.Deliver) -> None:
        self._news.put(lambda: self._take_delivery(session, delivery))

    def tell_promised(self, entry: Entry, position: int) -> None:
        self._news.put(lambda: self._take_promise(entry, position))

    def tell_refused(self, entry: Entry, refusal: refusal_pb2.Refused) -> None:
        self._news.put(lambda: self._take_refusal(entry, refusal))

    def tell_put_off(self, entry: Entry, refusal: refusal_pb2.Refused) -> None:
        if not entry.automatic:
            self._news.put(lambda: self._guarded("on_put_off", self._parts.handler.on_put_off, entry.message_id, refusal))

    def tell_network(self, signed: network_pb2.SignedNetwork) -> None:
        self._news.put(lambda: self._parts.network.keep(signed))

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._take_group()
        except Exception as error:
            log.error("worker ended", type=type(error).__name__)
            self._failed()

    def _take_group(self) -> None:
        """What comes together is settled together."""
        self._attempt(self._news.get())
        until = time.monotonic() + _GROUP_S
        for _ in range(_GROUP_MAX):
            if self._news.empty() or time.monotonic() > until:
                break
            self._attempt(self._news.get())
        self._session.settle(self._settlements)
        self._settlements = []
        self._session.wake()

    def _attempt(self, news: Callable[[], None] | None) -> None:
        """A disk that refuses must not end the thread: what was not noted comes again."""
        if news is None or self._stopping:
            return
        try:
            news()
        except Refusal as refusal:
            log.error("not noted", code=refusal.code, field=refusal.field)
            self._parts.figures.error(refusal.code)

    # ---- deliveries ----

    def _take_delivery(self, session: int, delivery: frames_pb2.Deliver) -> None:
        # Of a session that ended: the broker offers it again, perhaps to another adapter of the institution.
        if session != self._session.current:
            return
        parts = self._parts
        parts.figures.count("received")
        settle = _Settle(self._settlements, session, delivery.delivery_id, parts.figures)
        try:
            if self._was_handled(delivery):
                parts.figures.count("repeated")
                return settle.acknowledge()
            network = parts.network.current()
            if network is None:
                raise Unreadable("network.none", final=False)
            self._handle(open_delivery(delivery, network, parts.keyring), settle)
        except Unreadable as unreadable:
            log.warning("delivery not readable", reason=unreadable.reason, final=unreadable.final, position=delivery.position)
            parts.figures.error(unreadable.reason)
            if unreadable.final:
                return settle.reject(unreadable.reason)
            self._session.refresh_network()
            settle.retry(0, unreadable.reason)
        except Refusal as refusal:
            log.error("a message could not be noted", position=delivery.position, code=refusal.code, field=refusal.field)
            parts.figures.error(refusal.code)
            settle.retry(0, refusal.code)
        except Exception as error:  # a note or a reply of the connector that can not be written
            log.error("exception in the connector", call="verdict", position=delivery.position, type=type(error).__name__)
            settle.retry(0, "handler.exception")

    def _was_handled(self, delivery: frames_pb2.Deliver) -> bool:
        try:
            message_id = parse(envelope_pb2.Envelope, delivery.envelope).message_id
        except DecodeError:
            return False
        return self._parts.inbox.was_handled(delivery.recipient, message_id)

    def _handle(self, message: Incoming, settle: "_Settle") -> None:
        if message.kind == CONNECTION_TEST:
            settle.acknowledge()  # it tells only that it came through
            return
        inbox, message_id = self._parts.inbox, message.envelope.message_id
        we_are_sender = self._we_are_sender(message)
        message.maybe_repeated = inbox.was_begun(message.recipient, message_id)
        inbox.begin(message.recipient, message_id)
        verdict = self._call(message)
        if verdict.kind == "handled":
            submissions = self._note_handled(message, verdict, we_are_sender)
            self._parts.figures.count("handled")
            settle.acknowledge()
            self._tell_withheld(submissions)
            return
        # The handler itself says that nothing is left of its call; after an exception nobody knows.
        if verdict.reason != "handler.exception":
            inbox.not_handled(message.recipient, message_id)
        if verdict.kind == "retry":
            settle.retry(verdict.after_ms, verdict.reason)
        else:
            settle.reject(verdict.reason)

    def _call(self, message: Incoming) -> Verdict:
        try:
            verdict = self._parts.handler.on_message(message)
            if not isinstance(verdict, Verdict):
                raise TypeError("on_message() answers handled(), retry() or reject()")
            return verdict
        except Exception as error:  # its text may repeat what the handler was given
            log.error("exception in the connector", call="on_message", message=id_text(message.envelope.message_id),
                      type=type(error).__name__)
            return retry("handler.exception")

    def _note_handled(self, message: Incoming, verdict: Verdict, we_are_sender: bool) -> list[Submission]:
        parts, submissions = self._parts, []
        with parts.store.transaction():
            parts.inbox.handled(message.recipient, message.envelope.message_id)
            parts.notes.write(verdict.notes)
            parts.referrals.learn(message.envelope, message.recipient)
            reply = automatic_reply(message, we_are_sender) if parts.automatic_receipts else None
            if reply:
                parts.preparation.add(reply, automatic=True)
            submissions = [parts.preparation.add(draft) for draft in verdict.replies]
        parts.figures.count("submitted", len(submissions) + (reply is not None))
        return submissions

    def _tell_withheld(self, submissions: list[Submission]) -> None:
        for submission in submissions:
            if submission.withheld:
                self._parts.figures.count("withheld", len(submission.withheld))
                self._guarded("on_withheld", self._parts.handler.on_withheld, submission.message_id, submission.withheld)

    def _we_are_sender(self, message: Incoming) -> bool:
        """Unreadable when nobody can tell now."""
        if not self._parts.automatic_receipts or not needs_side(message.envelope):
            return False
        referral_id = message.envelope.referral_id
        known = self._parts.referrals.find(referral_id)
        if known:
            return known.sender == message.recipient
        try:  # it went through another adapter of the institution
            answer = self._session.ask(frames_pb2.Query(referral_id=referral_id), _VIEW_PATIENCE_S)
        except Refusal:
            raise Unreadable("referral.no_answer", final=False) from None
        return answer.HasField("referral") and answer.referral.sender == message.recipient

    # ---- answers to what we submitted ----

    def _take_promise(self, entry: Entry, position: int) -> None:
        parts = self._parts
        if not entry.automatic:
            self._guarded("on_receipt", parts.handler.on_receipt, entry.message_id, position)
        if entry.kind == "referral_cancelled" and parts.automatic_receipts:
            with parts.store.transaction():
                stored = parts.outbox.submit(entry.sequence)
                if stored is None:
                    return
                self._acknowledge_own_cancellation(read_envelope(frames_pb2.Submit.FromString(stored).envelope))
                parts.outbox.settle(entry)
        else:
            parts.outbox.settle(entry)

    def _acknowledge_own_cancellation(self, submitted: envelope_pb2.Envelope) -> None:
        reply = automatic_after_receipt(submitted)
        if reply is None:
            return
        try:
            self._parts.preparation.add(reply, automatic=True)
            self._parts.figures.count("submitted")
        except Refusal as refusal:
            if refusal.code == "io.failed":
                raise
            log.error("outcome not acknowledged", referral=id_text(submitted.referral_id), code=refusal.code)

    def _take_refusal(self, entry: Entry, refusal: refusal_pb2.Refused) -> None:
        parts = self._parts
        # An automatic message that comes too late: the referral went on without it, which is as good.
        if entry.automatic and refusal.code == "lifecycle.invalid_transition":
            return parts.outbox.settle(entry)
        log.warning("submission refused", message=id_text(entry.message_id), code=refusal.code, field=refusal.field)
        if not entry.automatic:
            self._guarded("on_refused", parts.handler.on_refused, entry.message_id, refusal)
        with parts.store.transaction():
            parts.outbox.refuse(entry, refusal)
            # A request that was not accepted opened nothing.
            if entry.kind == "referral_requested" and refusal.code != "referral.already_exists":
                parts.referrals.forget(entry.referral_id)

    def _guarded(self, name: str, call: Callable[..., None], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception as error:
            log.error("exception in the connector", call=name, type=type(error).__name__)


class _Settle:
    """The one settlement of a delivery."""

    def __init__(self, into: list[Settlement], session: int, delivery_id: int, figures: Figures) -> None:
        self._into = into
        self._session = session
        self._delivery_id = delivery_id
        self._figures = figures

    def acknowledge(self) -> None:
        self._add(frames_pb2.Settle(acknowledge=frames_pb2.Acknowledge()))

    def retry(self, after_ms: int, reason: str) -> None:
        self._figures.count("retried")
        self._add(frames_pb2.Settle(retry=frames_pb2.Retry(after_ms=after_ms, reason=reason)))

    def reject(self, reason: str) -> None:
        self._figures.count("rejected")
        self._add(frames_pb2.Settle(reject=frames_pb2.Reject(reason=reason)))

    def _add(self, verdict: frames_pb2.Settle) -> None:
        self._into.append(Settlement(self._session, self._delivery_id, verdict))
