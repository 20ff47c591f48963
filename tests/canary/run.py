#!/usr/bin/python3
"""Runs the canary: run.py --build DIR. Says what was looked at; exits with 1 when something was found that must not be there,
or not found that must be."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenarios"))

from run import run_tests  # noqa: E402  (its folder is on the path from here on)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="e.g. build/release")
    done = run_tests("canary_test", parser.parse_args().build.resolve(), HERE)
    print(f"canary: {done.stdout.strip()}; nothing found" if done.returncode == 0 else f"{done.stdout}{done.stderr}\ncanary FAILED")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
