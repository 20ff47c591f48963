"""Verifies a delivery and opens what is sealed for us; or says what must become of it."""

from google.protobuf.message import DecodeError

from relais.contents import OpenedContent, parse_content
from relais.envelope_rules import ENVELOPE_VERSION
from relais.keyring import Keyring
from relais.messages import Incoming
from relais.network import Network
from relais.refusal import Refusal
from relais.sealing import digest, open_compartment
from relais.signing import ENVELOPE_DOMAIN, verifies
from relais.v1 import envelope_pb2, frames_pb2
from relais.wire import parse


class Unreadable(Exception):
    """Why a delivery does not reach the handler: a code, and whether it is for ever."""

    def __init__(self, reason: str, final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


def _later(reason: str) -> Unreadable:
    """A newer definition, a key file or a newer version of the SDK may help."""
    return Unreadable(reason, final=False)


def _never(reason: str) -> Unreadable:
    return Unreadable(reason, final=True)


def open_delivery(delivery: frames_pb2.Deliver, network: Network, keyring: Keyring) -> Incoming:
    """Everything but `maybe_repeated`. Unreadable."""
    try:
        envelope = parse(envelope_pb2.Envelope, delivery.envelope)
    except DecodeError:
        raise _never("envelope.malformed") from None
    if envelope.version != ENVELOPE_VERSION:
        raise _later("envelope.version")
    key = network.signing_key(envelope.sender, envelope.signing_key, envelope.sent_at_ms)
    if key is None:
        raise _later("identity.unknown")
    if not verifies(key, ENVELOPE_DOMAIN, delivery.envelope, delivery.signature):
        raise _never("signature.invalid")
    if envelope.WhichOneof("body") is None:
        raise _later("kind.unknown")
    named = delivery.recipient in (*envelope.recipients, *envelope.fallbacks, *envelope.team_members)
    # The broker knows who stands on a side of a referral. To seal something for who is not named is not allowed, so that
    # whatever it sends to whom, what is sealed stays so.
    sealed = any(delivery.recipient in one.recipients for one in envelope.compartments)
    meant = named or delivery.recipient == envelope.on_behalf_of or (envelope.referral_id and not sealed)
    if not keyring.serves(delivery.recipient) or not meant:
        raise _later("identity.not_served")
    message = Incoming(envelope, delivery.recipient, attempt=delivery.attempt, position=delivery.position,
                       accepted_at_ms=delivery.accepted_at_ms, copy=not named)
    _open_contents(message, delivery, network, keyring)
    return message


def _open_contents(message: Incoming, delivery: frames_pb2.Deliver, network: Network, keyring: Keyring) -> None:
    mine = []
    for announced in message.envelope.compartments:
        if message.recipient in announced.recipients:
            mine.append(announced)
        else:
            message.withheld.append(announced.category)
    if len(mine) != len(delivery.compartments):
        raise _never("compartment.digest_mismatch")
    for announced, data in zip(mine, delivery.compartments, strict=True):
        message.contents.append(_open(message, announced, data, network, keyring))


def _open(
    message: Incoming, announced: envelope_pb2.CompartmentDigest, data: bytes, network: Network, keyring: Keyring
) -> OpenedContent:
    if announced.digest != digest(data):
        raise _never("compartment.digest_mismatch")
    try:
        compartment = parse(envelope_pb2.Compartment, data)
    except DecodeError:
        raise _never("compartment.malformed") from None
    if compartment.category != announced.category:
        raise _never("compartment.malformed")
    wrap = next((one for one in compartment.wraps if one.recipient == message.recipient), None)
    if wrap is None:
        raise _never("compartment.does_not_open")
    # During a rotation the file of the new key may come after the definition that names it.
    own = keyring.sealing_key_named(message.recipient, wrap.recipient_key)
    if own is None:
        raise _later("key.missing")
    theirs = network.sealing_key(message.envelope.sender, wrap.sender_key, message.envelope.sent_at_ms)
    if theirs is None:
        raise _later("key.unknown")
    try:
        content = open_compartment(compartment, message.envelope.message_id, wrap, keyring.shared(own, theirs))
        return parse_content(announced.category, content)
    except Refusal as refusal:
        weak = refusal.code == "key.invalid"
        raise _never("compartment.does_not_open" if weak else refusal.code) from None
