"""The one door between a connector and the broker. See README.md for a complete adapter."""

import threading
from collections.abc import Iterable
from contextlib import suppress

from relais import log
from relais.config import AdapterConfig
from relais.connection import SessionSettings
from relais.handler import Handler
from relais.health import Figures, Health
from relais.health_server import HealthServer
from relais.inbox import Inbox
from relais.keyring import Keyring
from relais.messages import Draft, Notes, Submission
from relais.network import Network
from relais.network_keeper import NetworkKeeper
from relais.notes import NoteStore
from relais.outbox import Outbox, RefusedMessage
from relais.preparation import Preparation
from relais.referral_memory import KnownReferral, ReferralMemory
from relais.refusal import Refusal
from relais.refusal_catalogue import CATALOGUE
from relais.session import Route, Session
from relais.store import Store
from relais.submissions import Submissions
from relais.v1 import frames_pb2, network_pb2
from relais.worker import Worker, WorkerParts


class Adapter:
    """Threads: start(), stop() and close() from one; everything else from any, before close().

    The constructor opens the store: from then on submit() and `notes` work. io.failed when data_dir can not be used or
    another process has it; journal.version when a newer version of the SDK wrote it.
    """

    def __init__(self, config: AdapterConfig, handler: Handler) -> None:
        self._config = config
        self._handler = handler
        self._figures = Figures()
        self._store = Store(config.data_dir)
        self._outbox = Outbox(self._store, config.outbox_bytes_max, config.disk_reserve_bytes)
        self._network = NetworkKeeper(self._store, config.pins)
        self._referrals = ReferralMemory(self._store)
        self.notes = NoteStore(self._store)
        """The connector's own memory."""
        self.failed = threading.Event()
        """Set when the adapter can not go on by itself: end the process, and start it anew."""
        keyring = Keyring(config.institutions)
        self._only_institution = keyring.only_institution()
        self._preparation = Preparation(keyring, self._network.current, self._outbox, self._referrals,
                                        lambda: self._figures.message_bytes_max)
        self._worker = Worker(WorkerParts(
            handler, self._store, self._outbox, Inbox(self._store), self.notes, self._referrals, keyring, self._network,
            self._preparation, self._figures, config.automatic_receipts))
        self._session = self._make_session()
        self._health_server: HealthServer | None = None
        self._started = self._closed = False

    def start(self) -> None:
        """Connects, in the background, and begins to deliver. io.failed when the health port is taken."""
        if self._started:
            return
        if self._config.health_port:
            self._health_server = HealthServer(self._config.health_port, self._config.name, self.health)
            self._health_server.start()
        self._started = True
        self._worker.start(self._session, self.failed.set)
        self._session.start(self.failed.set)

    def stop(self) -> None:
        """Finishes the handler's present call, says goodbye and ends the threads. Idempotent; the adapter is not started
        again. What waits in the outbox stays; submit() and `notes` still work."""
        self._network.stop()
        if self._started:
            self._worker.stop()
            self._session.stop()
        if self._health_server:
            self._health_server.stop()
            self._health_server = None

    def close(self) -> None:
        """stop(), and lets go of the store. Idempotent."""
        self.stop()
        if not self._closed:
            self._closed = True
            self._session.close()
            self._store.close()

    def submit(self, draft: Draft, notes: Notes | None = None) -> Submission:
        """Seals, signs and writes to the durable outbox, together with `notes`; on the disk when it returns. Never waits
        for the broker. Messages of one case are sent in this order, each after the one before has its answer.

        What agreement or mission do not allow is left out first, and stands in `withheld` of the answer.

        Refusals, nothing is written then:
          network.none         no network definition yet: wait for the first connection (retry)
          outbox.full          outbox_bytes_max or disk_reserve_bytes is reached (retry)
          io.failed            the disk (retry)
          identity.not_served  the sender is not an institution of this adapter, or none is named and it serves several
          route.none, purpose.unknown   the network has no such recipient or purpose
          key.invalid          no valid key of the sender or of a recipient
          envelope.*, appointment.bad_meeting, lifecycle.not_your_role   what the broker would refuse at its edge
          message.too_large    beyond the broker's limit, as far as it is known
        """
        with self._store.transaction():
            submission = self._preparation.add(draft)
            self.notes.write(notes or {})
        self._submitted([submission])
        return submission

    def submit_all(self, drafts: Iterable[Draft], notes: Notes | None = None) -> list[Submission]:
        """All or none, in one write: for bulk. `field` of a refusal begins with "drafts[i]."."""
        submissions = []
        with self._store.transaction():
            for index, draft in enumerate(drafts):
                try:
                    submissions.append(self._preparation.add(draft))
                except Refusal as refusal:
                    raise refusal.under(f"drafts[{index}].") from None
            self.notes.write(notes or {})
        self._submitted(submissions)
        return submissions

    def was_submitted(self, message_id: bytes) -> bool:
        """Whether this message, with an id chosen by the caller, was submitted and not refused for good."""
        return self._outbox.was_submitted(message_id)

    def known_referral(self, referral_id: bytes) -> KnownReferral | None:
        return self._referrals.find(referral_id)

    def referral(self, referral_id: bytes, patience_s: float = 10.0) -> frames_pb2.ReferralView:
        """Asks the broker. not.found; io.failed without an answer in time."""
        return self._ask(frames_pb2.Query(referral_id=referral_id), patience_s).referral

    def message(self, message_id: bytes, patience_s: float = 10.0) -> frames_pb2.MessageView:
        """Asks the broker. not.found; io.failed without an answer in time."""
        return self._ask(frames_pb2.Query(message_id=message_id), patience_s).message

    def case(self, case_id: bytes, patience_s: float = 10.0) -> frames_pb2.CaseView:
        """Asks the broker: who takes part, who leads, what was shared. Its lead sees every referral of the case.
        not.found; io.failed without an answer in time."""
        return self._ask(frames_pb2.Query(case_id=case_id), patience_s).case_view

    def slots(self, query: frames_pb2.SlotsQuery, patience_s: float = 10.0) -> frames_pb2.SlotsAnswer:
        """Asks the broker for free places, soonest first; none is kept. `institution` may be left out when the adapter
        serves only one. slot.search_too_wide, agreement.*, route.none, commune.unknown; io.failed without an answer."""
        asked = frames_pb2.SlotsQuery()
        asked.CopyFrom(query)
        asked.institution = asked.institution or self._only_institution
        return self._ask(frames_pb2.Query(slots=asked), patience_s).slots

    def network(self) -> Network | None:
        """The definition in use; None until the first one arrived. It survives restarts."""
        return self._network.current()

    def wait_for_network(self, seconds: float) -> bool:
        """Until a network definition is there; False when it is not by then, or stop() was called."""
        return self._network.wait(seconds)

    def health(self) -> Health:
        stored: dict[str, object] = {}
        with suppress(Refusal):  # then the store has failed, and that is said
            stored = {"outbox_oldest_ms": self._outbox.oldest_ms(), "refused_messages": self._outbox.refused_messages()}
        return self._figures.snapshot_with(
            network_version=self._network.version(),
            outbox_messages=self._outbox.messages(),
            outbox_bytes=self._outbox.total_bytes(),
            store_failed=self._store.failed,
            **stored,
        )

    def refused(self, count: int = 1_000) -> list[RefusedMessage]:
        """Refused submissions, oldest first; forget_refused() once a person has seen one."""
        return self._outbox.refused(count)

    def forget_refused(self, message_id: bytes) -> None:
        """not.found."""
        self._outbox.forget_refused(message_id)

    def _submitted(self, submissions: list[Submission]) -> None:
        self._figures.count("submitted", sum(not submission.repeated for submission in submissions))
        self._figures.count("withheld", sum(len(submission.withheld) for submission in submissions))
        self._session.wake()

    def _ask(self, query: frames_pb2.Query, patience_s: float) -> frames_pb2.Answer:
        answer = self._session.ask(query, patience_s)
        if answer.HasField("refused"):
            code = answer.refused.code if answer.refused.code in CATALOGUE else "not.found"
            raise Refusal(code, answer.refused.field)
        return answer

    def _make_session(self) -> Session:
        config = self._config
        hello = frames_pb2.Hello(protocol_versions=[1], adapter=config.name, adapter_version=config.version,
                                 institutions=[institution.id for institution in config.institutions])
        times = config.times
        return Session(
            Route(config.endpoints, config.pins.broker_public_key, config.transport_key, times.reconnect_first_s,
                  times.reconnect_most_s),
            SessionSettings(hello, config.in_hand_messages_max, config.in_hand_bytes_max, times.welcome_within_s),
            Submissions(self._outbox, times.answer_within_s, times.refused_first_s, times.refused_most_s),
            _News(self._worker, self._network, self._figures),
            self._figures,
        )


class _News:
    """Hands on what the session hears."""

    def __init__(self, worker: Worker, network: NetworkKeeper, figures: Figures) -> None:
        self.delivered = worker.tell_delivered
        self.promised = worker.tell_promised
        self.refused = worker.tell_refused
        self.put_off = worker.tell_put_off
        self.keeps_up = worker.keeps_up
        self.network_version = network.version
        self._network = network
        self._figures = figures
        self._tell_network = worker.tell_network

    def network_received(self, signed: network_pb2.SignedNetwork) -> None:
        try:
            self._network.accept(signed)
            self._tell_network(signed)
        except Refusal as refusal:
            log.error("network definition not taken", code=refusal.code, field=refusal.field)
            self._figures.error(refusal.code)
