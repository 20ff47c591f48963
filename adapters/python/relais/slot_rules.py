"""The shape of what an institution says about its slots."""

from relais.refusal import Refusal
from relais.v1 import appointment_pb2, envelope_pb2
from relais.words import DAY_MS, is_code, is_meeting_time, malformed, need, optional_code

SLOTS_MAX = 500
CAPACITY_MAX = 10_000
_AHEAD_MAX_MS = 731 * DAY_MS
_CODE = "a code [a-z0-9][a-z0-9_.-]{0,63}"


def check_about_slots(envelope: envelope_pb2.Envelope) -> None:
    """The broker alone acts on slots: nobody else is told, nobody's case is named, and no exercise changes real ones."""
    need(not envelope.recipients, "recipients", "nobody in a message about slots")
    for field in ("case_id", "referral_id", "compartments"):
        need(not getattr(envelope, field), field, "nothing in a message about slots")
    need(not envelope.exercise, "exercise", "false in a message about slots")


def check_published(envelope: envelope_pb2.Envelope, now_ms: int) -> None:
    slots = envelope.slots_published.slots
    need(1 <= len(slots) <= SLOTS_MAX, "slots_published.slots", "1 to 500 slots")
    known: set[str] = set()
    for index, slot in enumerate(slots):
        field = f"slots_published.slots[{index}]"
        _check_slot(slot, field, now_ms)
        need(slot.slot_id not in known, f"{field}.slot_id", "each slot once")
        known.add(slot.slot_id)


def check_withdrawn(envelope: envelope_pb2.Envelope) -> None:
    ids = envelope.slots_withdrawn.slot_ids
    need(1 <= len(ids) <= SLOTS_MAX, "slots_withdrawn.slot_ids", "1 to 500 slots")
    known: set[str] = set()
    for index, slot_id in enumerate(ids):
        field = f"slots_withdrawn.slot_ids[{index}]"
        need(is_code(slot_id), field, _CODE)
        need(slot_id not in known, field, "each slot once")
        known.add(slot_id)


def _check_slot(slot: appointment_pb2.Slot, field: str, now_ms: int) -> None:
    if not is_code(slot.slot_id):
        raise malformed(f"{field}.slot_id", _CODE)
    optional_code(slot.service_id, f"{field}.service_id")
    optional_code(slot.location_id, f"{field}.location_id")
    need(is_meeting_time(slot.start_ms, slot.end_ms), f"{field}.end_ms", "an instant after start_ms, at most 24 hours later")
    need(slot.start_ms <= now_ms + _AHEAD_MAX_MS, f"{field}.start_ms", "an instant within two years")
    if slot.end_ms < now_ms - DAY_MS:  # as much as two clocks may differ
        raise Refusal("slot.in_the_past", f"{field}.end_ms", slot=slot.slot_id)
    need(1 <= slot.capacity <= CAPACITY_MAX, f"{field}.capacity", "a number from 1 to 10000")
    need(slot.mode in appointment_pb2.AppointmentMode.values(), f"{field}.mode", "a mode of this version")
