"""Leaves out, before anything is sealed, what the agreement or a recipient's mission does not allow.

The broker refuses such a message as a whole and never strips it; so that the rest arrives, it is stripped here, where the
contents are in the clear, and the connector is told what was withheld and why.
"""

from relais.contents import Content
from relais.messages import Withheld
from relais.network import Network, purpose_rule
from relais.referral_memory import KnownReferral
from relais.refusal import Refusal
from relais.sealing import category_word
from relais.v1 import common_pb2, envelope_pb2, network_pb2


def minimise(
    contents: list[Content], envelope: envelope_pb2.Envelope, known: KnownReferral | None, network: Network
) -> tuple[list[Content], tuple[Withheld, ...]]:
    """What may be sealed, each content with its recipients; and what may not. `envelope` is complete. When no agreement
    covers the message as far as is known here, everything stays, and the broker decides: agreement.*."""
    agreement = _agreement(envelope, known, network) if contents else None
    kept: list[Content] = []
    withheld: list[Withheld] = []
    for content in contents:
        recipients = content.recipients or list(envelope.recipients)
        allowed = []
        for recipient in recipients:
            why = _objection(content.category, recipient, envelope.purpose, agreement, network) if agreement else None
            if why is None:
                allowed.append(recipient)
            else:
                withheld.append(Withheld(content.category, recipient, why))
        if allowed:
            kept.append(Content(content.message, allowed))
    return kept, tuple(withheld)


def _agreement(
    envelope: envelope_pb2.Envelope, known: KnownReferral | None, network: Network
) -> network_pb2.Agreement | None:
    """The one that the broker will judge by."""
    kind = envelope.WhichOneof("body")
    if kind == "referral_requested":
        parties = (envelope.sender, envelope.recipients[0])
    elif kind == "referral_forwarded":
        parties = (envelope.sender, envelope.referral_forwarded.to)
    elif known is not None:
        parties = (known.sender, known.recipient)
    else:
        return None
    try:
        return network.agreement(*parties, envelope.purpose, envelope.sent_at_ms)
    except Refusal:
        return None


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
