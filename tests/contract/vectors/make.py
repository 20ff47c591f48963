#!/usr/bin/python3
"""Writes the protocol's test vectors, and the Python SDK's copy of the catalogue of refusals: make.py. With --check, says
instead which of these files are not what they should be, and exits 1."""

import json
import sys

import make_cases_and_slots
import make_envelopes
import make_frames
import make_refusals
import make_sealing
import make_signatures
from make_common import ROOT

class Envelopes:
    @staticmethod
    def make():
        whole = make_envelopes.make()
        return {**whole, "submissions": [*whole["submissions"], *make_cases_and_slots.make()]}


MAKERS = {
    "envelopes.json": Envelopes, "frames.json": make_frames, "refusals.json": make_refusals,
    "sealing.json": make_sealing, "signatures.json": make_signatures,
}


def texts():
    """Path -> what stands in the file."""
    found = {f"tests/data/vectors/{name}": json.dumps(maker.make(), indent=1, ensure_ascii=False) + "\n"
             for name, maker in MAKERS.items()}
    return {**found, "adapters/python/relais/refusal_catalogue.py": make_refusals.module()}


def main(words):
    if words not in ([], ["--check"]):
        sys.exit(__doc__)
    wrong = []
    for name, text in texts().items():
        path = ROOT / name
        if not words:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    if wrong:
        sys.exit(f"not what the makers give: {', '.join(wrong)}")


if __name__ == "__main__":
    main(sys.argv[1:])
