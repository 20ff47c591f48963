#!/usr/bin/python3
"""Reads the JSON object of `deploy/demo --once --json` and says what is wrong with it, if anything."""

import json
import sys


def faults(summary: dict) -> list[str]:
    referrals, appointments = summary["referrals"], summary["appointments"]
    found = []
    if referrals["requested"] < 500:
        found.append("fewer than 500 referrals")
    if not referrals["requested"] == referrals["delivered"] == referrals["closed"]:
        found.append("requested, delivered and closed differ")
    if referrals["accepted"] + referrals["rejected"] != referrals["requested"]:
        found.append("some were neither accepted nor rejected")
    if referrals["completed"] != referrals["accepted"]:
        found.append("some were accepted and not completed")
    if appointments["booked"] != appointments["fulfilled"] + appointments["noshow"] + appointments["cancelled"]:
        found.append("appointments do not add up")
    for name in ("fulfilled", "noshow", "cancelled"):
        if appointments[name] == 0:
            found.append(f"no appointment was {name}")
    if summary["lost"] or summary["duplicated"]:
        found.append("something was lost or duplicated")
    if not summary["refused"]:
        found.append("no bad record was refused")
    return found


def main() -> int:
    line = sys.stdin.read().strip()
    try:
        found = faults(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        found = [f"not the object that was expected: {error!r}"]
    for fault in found:
        print(f"demo: {fault}", file=sys.stderr)
    print(f"{0 if found else 1} passed, {1 if found else 0} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
