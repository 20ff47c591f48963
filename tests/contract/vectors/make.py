#!/usr/bin/python3
"""Writes the protocol's test vectors: make.py FOLDER. With --check, says instead which files of it are not what they
should be, and exits 1."""

import json
import sys
from pathlib import Path

import make_common  # noqa: F401  (first: it puts the generated messages on the path)
import make_envelopes
import make_frames
import make_refusals
import make_sealing
import make_signatures

MAKERS = {
    "envelopes.json": make_envelopes, "frames.json": make_frames, "refusals.json": make_refusals,
    "sealing.json": make_sealing, "signatures.json": make_signatures,
}


def texts():
    return {name: json.dumps(maker.make(), indent=1, ensure_ascii=False) + "\n" for name, maker in MAKERS.items()}


def main(words):
    check = words[:1] == ["--check"]
    if len(words) != 1 + check or words[-1].startswith("-"):
        sys.exit(__doc__)
    folder, wrong = Path(words[-1]), []
    for name, text in texts().items():
        path = folder / name
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    if wrong:
        sys.exit(f"not what the makers give: {', '.join(wrong)}")


if __name__ == "__main__":
    main(sys.argv[1:])
