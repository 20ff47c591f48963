"""What other threads ask of the session's, and how they wake it."""

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from relais.v1 import frames_pb2


@dataclass
class Settlement:
    """What became of a delivery; counts only in the session that brought it."""

    session: int
    delivery_id: int
    verdict: frames_pb2.Settle


class Question:
    """A query on its way, and its answer. Threads: asked on one, answered on the session's."""

    def __init__(self, query: frames_pb2.Query, patience_s: float) -> None:
        self.query = query
        self.until = time.monotonic() + patience_s
        self._answered = threading.Event()
        self._answer: frames_pb2.Answer | None = None

    def answer(self, answer: frames_pb2.Answer | None) -> None:
        self._answer = answer
        self._answered.set()

    def wait(self) -> frames_pb2.Answer | None:
        """None without an answer in time."""
        self._answered.wait(max(0.0, self.until - time.monotonic()))
        return self._answer


@dataclass
class Orders:
    settlements: list[Settlement] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    refresh_network: bool = False
    stop: bool = False


class Mailbox:
    """Threads: any posts; the session's takes."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._orders = Orders()
        self.wake_fd, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def settle(self, settlements: list[Settlement]) -> None:
        with self._mutex:
            self._orders.settlements.extend(settlements)
        self.wake()

    def ask(self, question: Question) -> None:
        with self._mutex:
            self._orders.questions.append(question)
        self.wake()

    def refresh_network(self) -> None:
        with self._mutex:
            self._orders.refresh_network = True
        self.wake()

    def stop(self) -> None:
        with self._mutex:
            self._orders.stop = True
        self.wake()

    def wake(self) -> None:
        with suppress(BlockingIOError):  # it is full: nobody sleeps
            os.write(self._waker, b"!")

    def take(self) -> Orders:
        """`stop` stays said."""
        with suppress(BlockingIOError):
            os.read(self.wake_fd, 1 << 16)
        with self._mutex:
            orders = self._orders
            self._orders = Orders(stop=orders.stop)
            return orders

    def close(self) -> None:
        os.close(self.wake_fd)
        os.close(self._waker)
