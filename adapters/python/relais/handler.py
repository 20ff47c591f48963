"""What a connector implements."""

from typing import TYPE_CHECKING

from relais.messages import Incoming, Verdict, Withheld
from relais.v1 import refusal_pb2

if TYPE_CHECKING:
    from relais.adapter import Adapter


class Handler:
    """All calls come from one thread of the SDK, never two at once. They may take their time: the session lives on another
    thread. They may call submit(), store and referral() of the adapter, never stop().

    Messages of one case come in their order, each after the one before was settled. An exception leaving on_message() is
    logged by its type and becomes retry("handler.exception"); one leaving the others is logged, and the call is not
    repeated.
    """

    def start(self, adapter: "Adapter") -> None:
        """Before anything is delivered; the outbox is open. For threads of one's own, and to keep the adapter."""

    def stop(self) -> None:
        """Ends one's own threads. on_message() may still be called once: it works, or answers retry."""

    def on_message(self, message: Incoming) -> Verdict:
        raise NotImplementedError

    def on_receipt(self, message_id: bytes, position: int) -> None:
        """The broker's durable promise for one of our submissions. May come twice for one message, after a crash."""

    def on_refused(self, message_id: bytes, refusal: refusal_pb2.Refused) -> None:
        """The broker refused it for good; it is in Adapter.refused() from now on. May come twice, after a crash."""

    def on_put_off(self, message_id: bytes, refusal: refusal_pb2.Refused) -> None:
        """The broker did not take it now; it is sent again by itself. Nothing has to be done."""

    def on_withheld(self, message_id: bytes, withheld: tuple[Withheld, ...]) -> None:
        """A reply of on_message() went without these contents: agreement or mission do not allow them."""
