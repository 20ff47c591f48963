"""The session with the broker: one thread that connects, and connects again, to one endpoint after the other."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import zmq

from relais import log
from relais.broker_socket import BrokerSocket
from relais.connection import Connection, Listener, SessionSettings
from relais.health import Figures
from relais.keys import Key
from relais.mailbox import Mailbox, Question, Settlement
from relais.refusal import Refusal
from relais.submissions import Submissions
from relais.v1 import frames_pb2


@dataclass(frozen=True)
class Route:
    """Where the broker is, and who we are to it."""

    endpoints: tuple[str, ...]
    broker_key: bytes
    transport_key: Key
    reconnect_first_s: float = 0.2
    reconnect_most_s: float = 30.0


class Session:
    """Threads: start() and stop() from one; the rest from any."""

    def __init__(self, route: Route, settings: SessionSettings, submissions: Submissions, listener: Listener,
                 figures: Figures) -> None:
        self._route = route
        self._settings = settings
        self._submissions = submissions
        self._listener = listener
        self._figures = figures
        self._mailbox = Mailbox()
        self._questions: list[Question] = []
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None

    def start(self, failed: Callable[[], None]) -> None:
        """`failed` is called when the thread can not go on."""
        self._failed = failed
        self._thread = threading.Thread(target=self._run, name="relais-session")
        self._thread.start()

    def stop(self) -> None:
        """Says what is settled, then goodbye. Idempotent."""
        if self._thread and self._thread.is_alive():
            self._mailbox.stop()
            self._thread.join()

    def close(self) -> None:
        """After stop()."""
        self._mailbox.close()

    @property
    def current(self) -> int:
        """The number of the open session; 0: none."""
        connection = self._connection
        return connection.session if connection else 0

    def wake(self) -> None:
        self._mailbox.wake()

    def settle(self, settlements: list[Settlement]) -> None:
        if settlements:
            self._mailbox.settle(settlements)

    def refresh_network(self) -> None:
        self._mailbox.refresh_network()

    def ask(self, query: frames_pb2.Query, patience_s: float) -> frames_pb2.Answer:
        """io.failed without an answer in time."""
        question = Question(query, patience_s)
        self._mailbox.ask(question)
        answer = question.wait()
        if answer is None:
            raise Refusal("io.failed", why="no answer from the broker")
        return answer

    def _run(self) -> None:
        context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        try:
            self._connect_again_and_again(context)
        except Exception as error:
            log.error("session thread ended", type=type(error).__name__)
            self._failed()
        finally:
            context.term()
            for question in self._questions:
                question.answer(None)

    def _connect_again_and_again(self, context: "zmq.Context[zmq.Socket[bytes]]") -> None:
        route, last_why, attempt = self._route, "", 0
        pause_s = route.reconnect_first_s
        while True:
            endpoint = route.endpoints[attempt % len(route.endpoints)]
            attempt += 1
            self._figures.note(endpoint=endpoint)
            socket = BrokerSocket(context, endpoint, route.broker_key, route.transport_key)
            try:
                self._connection = Connection(self._settings, socket, self._submissions, self._listener, self._figures,
                                              self._mailbox, self._questions)
                end = self._connection.run()
            finally:
                self._connection = None
                socket.close()
                self._figures.note(connected=False)
            if end.stopped:
                return
            self._figures.error(end.why)
            if end.was_open:
                pause_s = route.reconnect_first_s
            # A broker that is away for a night is one line, not a thousand.
            if end.was_open or end.why != last_why:
                log.warning("session ended", endpoint=endpoint, why=end.why)
            last_why = end.why
            # Between half of it and all of it, so that adapters that lost their broker together do not come together.
            if not self._pause(max(random.uniform(pause_s / 2, pause_s), end.not_before_s)):
                return
            pause_s = min(pause_s * 2, route.reconnect_most_s)

    def _pause(self, seconds: float) -> bool:
        """False when the session is to stop."""
        until = time.monotonic() + seconds
        poller = zmq.Poller()
        poller.register(self._mailbox.wake_fd, zmq.POLLIN)
        while True:
            orders = self._mailbox.take()
            now = time.monotonic()
            self._questions += orders.questions
            self._questions[:] = [question for question in self._questions if question.until >= now]
            if orders.stop:
                return False
            if now >= until:
                return True
            poller.poll(int((until - now) * 1_000) + 1)
