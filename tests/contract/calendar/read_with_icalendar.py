#!/usr/bin/python3
"""Reads every .ics file below a folder with Debian's python3-icalendar, which shares nothing with libical, and prints what it
found as JSON: for each file its components by name and its events, or why it can not be read.

An instant is seconds since 1970, a day is "YYYY-MM-DD"; a time without a zone is one of Paris. No reader gives what it
did not find: such a value is null.
"""

import collections
import datetime
import json
import sys
import zoneinfo
from pathlib import Path

import icalendar

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def first(component, name):
    found = component.get(name)
    return found[0] if isinstance(found, list) else found


def moment(value):
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    return int((value if value.tzinfo else value.replace(tzinfo=PARIS)).timestamp())


def time_of(event, name):
    found = first(event, name)
    return None if found is None else moment(found.dt)


def end_of(event):
    start, lasts = time_of(event, "DTSTART"), first(event, "DURATION")
    if event.get("DTEND") is not None or lasts is None or not isinstance(start, int):
        return time_of(event, "DTEND")
    return start + int(lasts.dt.total_seconds())


def text(component, name):
    found = first(component, name)
    return None if found is None else str(found)


def read_event(event):
    sequence = first(event, "SEQUENCE")
    return {
        "uid": text(event, "UID"),
        "sequence": None if sequence is None else int(sequence),
        "status": text(event, "STATUS"),
        "start": time_of(event, "DTSTART"),
        "end": end_of(event),
        # What it could not read it keeps beside the rest.
        "recurring": any(event.get(name) is not None or name in dict(event.errors)
                         for name in ("RRULE", "RDATE", "RECURRENCE-ID", "EXRULE")),
    }


def read(path):
    try:
        calendars = icalendar.Calendar.from_ical(path.read_bytes().removeprefix(BYTE_ORDER_MARK), multiple=True)
        components = [one for calendar in calendars for one in calendar.walk()]
        return {
            "components": collections.Counter(one.name for one in components),
            "events": [read_event(one) for one in components if one.name == "VEVENT"],
            "methods": [text(one, "METHOD") for one in calendars if one.get("METHOD") is not None],
        }
    except Exception as error:  # noqa: BLE001: whatever it is that its reader does not read
        return {"fault": f"{type(error).__name__}: {error}"}


def main(folder):
    print(json.dumps({str(path.relative_to(folder)): read(path) for path in sorted(folder.rglob("*.ics"))}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
