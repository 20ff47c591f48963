"""Bookable time: what a host publishes, and how a guest names a place that it found with Adapter.slots()."""

from collections.abc import Iterable

from relais.messages import Draft, draft
from relais.slot_rules import SLOTS_MAX
from relais.v1 import appointment_pb2


def publish_slots(purpose: str, slots: Iterable[appointment_pb2.Slot]) -> list[Draft]:
    """One draft for each 500 slots, each new or in the place of the one with its id. `purpose`: any of the network."""
    every = list(slots)
    return [
        draft("slots_published", body=appointment_pb2.SlotsPublished(slots=every[at:at + SLOTS_MAX]), purpose=purpose)
        for at in range(0, len(every), SLOTS_MAX)
    ]


def withdraw_slots(purpose: str, slot_ids: Iterable[str]) -> list[Draft]:
    """One draft for each 500. Who is expected in them stays expected."""
    every = list(slot_ids)
    return [
        draft("slots_withdrawn", body=appointment_pb2.SlotsWithdrawn(slot_ids=every[at:at + SLOTS_MAX]), purpose=purpose)
        for at in range(0, len(every), SLOTS_MAX)
    ]


def meeting_in(slot: appointment_pb2.Slot) -> appointment_pb2.Meeting:
    """For appointment_held, _booked and _rescheduled. Written out: the other side reads it as it was sent."""
    return appointment_pb2.Meeting(start_ms=slot.start_ms, end_ms=slot.end_ms, location_id=slot.location_id,
                                   service_id=slot.service_id, mode=slot.mode, slot_id=slot.slot_id)
