#!/usr/bin/python3
"""Runs the field's stories, each in a process of its own: run.py --build DIR [S1 ...]. Says "S1 passed" for each, and exits
with 1 when one did not."""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
STORIES = {
    "S1": "s01_besancon_house",
    "S2": "s02_any_door",
    "S3": "s03_first_welcome",
    "S4": "s04_shared_counter",
    "S5": "s05_path_in_tours",
    "S6": "s06_joint_team",
    "S7": "s07_dijon_house",
    "S8": "s08_professional_secrecy",
    "S9": "s09_union_of_ccas",
    "S10": "s10_debriefing",
    "S11": "s11_convention",
    "S12": "s12_announcements",
    "S13": "s13_nobody_falls",
}


def run_tests(module, build, folder):
    integration = HERE.parent / "integration"
    paths = [build / "python", folder, HERE, integration / "python", integration / "python_sdk", HERE.parents[1] / "deploy/demo-parts"]
    return subprocess.run([sys.executable, "-B", "-m", "unittest", "-v", module], cwd=folder, text=True, capture_output=True,
                          env={**os.environ, "RELAIS_BUILD": str(build), "PYTHONPATH": ":".join(map(str, paths))})


def run(name, build):
    began = time.monotonic()
    done = run_tests(STORIES[name], build, HERE)
    if done.returncode == 0:
        print(f"{name} passed, {time.monotonic() - began:.0f} s", flush=True)
    else:
        print(f"{done.stdout}{done.stderr}\n{name} FAILED", flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, metavar="DIR", help="e.g. build/release")
    parser.add_argument("stories", nargs="*", metavar="STORY", help=f"{', '.join(STORIES)}; without: all")
    given = parser.parse_args()
    unknown = [name for name in given.stories if name not in STORIES]
    if unknown:
        parser.error(f"no story {', '.join(unknown)}: {', '.join(STORIES)}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda name: run(name, given.build.resolve()), given.stories or STORIES))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
