"""Leaves out, before anything is sealed, what the agreement or a recipient's mission does not allow.

The broker refuses such a message as a whole and never strips it; so that the rest arrives, it is stripped here, where the
contents are in the clear, and the connector is told what was withheld and why.
"""

from relais.contents import Content
from relais.envelope_rules import FALLBACKS_MAX, readers_of
from relais.message_kinds import ANNOUNCEMENT
from relais.messages import Withheld
from relais.network import Network, purpose_rule
from relais.refusal import Refusal
from relais.sealing import category_word
from relais.v1 import common_pb2, envelope_pb2, network_pb2


def name_fallbacks(envelope: envelope_pb2.Envelope, network: Network) -> None:
    """Names who takes a request over when nobody decides in time, unless the caller has: as the agreements say, one after
    the other, then the purpose's recipient by law. Only those that an agreement with the sender covers and that something
    can be sealed for."""
    if envelope.WhichOneof("body") != "referral_requested" or envelope.fallbacks or not envelope.recipients:
        return
    law = network.default_recipient(envelope.purpose)
    agreement = _covering(envelope, envelope.recipients[0], network)
    # The law's recipient is the last, and needs its place.
    while agreement and len(envelope.fallbacks) < FALLBACKS_MAX - 1 and _usable(envelope, agreement.fallback, network):
        envelope.fallbacks.append(agreement.fallback)
        agreement = _covering(envelope, agreement.fallback, network)
    if _usable(envelope, law, network):
        envelope.fallbacks.append(law)


def _usable(envelope: envelope_pb2.Envelope, institution: str, network: Network) -> bool:
    return (
        bool(institution)
        and institution not in (envelope.sender, *readers_of(envelope))
        and network.current_sealing_key(institution, envelope.sent_at_ms) is not None
        and _covering(envelope, institution, network) is not None
    )


def _speaker(envelope: envelope_pb2.Envelope) -> str:
    """Who answers for the message."""
    return str(envelope.on_behalf_of or envelope.sender)


def _ground(envelope: envelope_pb2.Envelope, reader: str, network: Network) -> network_pb2.Agreement | None:
    """The agreement by which the reader is told: its own, or that of the side it stands on. A team's members are told under
    the team's. An announcement is about no person."""
    if envelope.WhichOneof("body") == ANNOUNCEMENT:
        return None
    first = envelope.recipients[0] if reader in envelope.team_members else reader
    for other in (first, *envelope.recipients):
        agreement = network.agreement_between(_speaker(envelope), other, envelope.purpose, envelope.sent_at_ms)
        if agreement is not None:
            return agreement
    return None


def _covering(envelope: envelope_pb2.Envelope, recipient: str, network: Network) -> network_pb2.Agreement | None:
    try:
        return network.agreement(_speaker(envelope), recipient, envelope.purpose, envelope.sent_at_ms)
    except Refusal:
        return None


def minimise(
    contents: list[Content], envelope: envelope_pb2.Envelope, network: Network
) -> tuple[list[Content], tuple[Withheld, ...]]:
    """What may be sealed, each content with its readers; and what may not. `envelope` is complete. A content that names no
    readers is for all recipients and fallbacks. For a reader that no agreement covers everything stays, and the broker's
    refusal says why: agreement.*."""
    kept: list[Content] = []
    withheld: list[Withheld] = []
    for content in contents:
        allowed = []
        for reader in content.recipients or readers_of(envelope):
            agreement = _ground(envelope, reader, network)
            why = _objection(content.category, reader, envelope.purpose, agreement, network) if agreement else None
            if why is None:
                allowed.append(reader)
            else:
                withheld.append(Withheld(content.category, reader, why))
        if allowed:
            kept.append(Content(content.message, allowed))
    return kept, tuple(withheld)


def _objection(
    category: int, recipient: str, purpose: str, agreement: network_pb2.Agreement, network: Network
) -> Refusal | None:
    rule = purpose_rule(agreement, purpose)
    word = category_word(category)
    if rule is None or category not in rule.categories:
        return Refusal("secrecy.category_not_needed", category=word, purpose=purpose, agreement=agreement.id)
    if category == common_pb2.CATEGORY_NIR and not agreement.nir:
        return Refusal("secrecy.nir", category=word, agreement=agreement.id)
    mission = network.mission_of(recipient)
    profile = network.profile(agreement.profile)
    if profile is not None and (category not in profile.categories or mission is None or mission.id not in profile.missions):
        return Refusal("secrecy.profile", category=word, recipient=recipient, agreement=agreement.id)
    if mission is None or category not in mission.categories:
        return Refusal("secrecy.mission", category=word, recipient=recipient, mission=mission.id if mission else "")
    return None
