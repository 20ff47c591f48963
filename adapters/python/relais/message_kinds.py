"""What each kind of message is about: a referral, an appointment of one, a whole case, slots, or nobody."""

CASE_KINDS = frozenset({
    "note_shared", "lead_offered", "lead_accepted", "lead_declined", "participant_kept", "participant_released",
    "consent_granted", "consent_withdrawn", "rights_requested", "rights_answered",
})
"""By participants, about the case: they name no referral."""

SLOT_KINDS = frozenset({"slots_published", "slots_withdrawn"})
"""For the broker alone: no recipients, no case, no referral."""

ANNOUNCEMENT = "announcement_made"
"""About no person, to whom it names: no case, no referral."""

CONNECTION_TEST = "connection_tested"
"""Acknowledged at once, and shown to nobody."""

BROKER_KINDS = frozenset({
    "referral_expired", "referral_reassigned", "deadline_missed", "delivery_failed", "rights_overdue", CONNECTION_TEST,
})
"""That only the broker says."""
