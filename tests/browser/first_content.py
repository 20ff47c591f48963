#!/usr/bin/python3
"""How fast the console's pages are over a large store: fills one by relais-bench, then opens every page in Chromium.
One JSON line for each page; fails when the median of one is over a second."""

import argparse
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
LIMIT_MS = 1000


def bench():
    loader = importlib.machinery.SourceFileLoader("bench_run", str(HERE.parent / "bench/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def console_of(data: Path) -> str:
    """The address with the token, once the broker answers."""
    address = f"http://127.0.0.1:{(data / 'admin.port').read_text()}"
    until = time.monotonic() + 60
    while True:
        try:
            urlopen(address + "/health").close()
            return f"{address}/console/#token={(data / 'broker/admin.token').read_text().strip()}"
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, help="folder of relaisd and relais-bench")
    parser.add_argument("--packages", required=True, help="folder with node_modules")
    parser.add_argument("--dir", required=True, help="where throw-away data goes; on a real disk")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    folder, packages = Path(options.dir).resolve(), Path(options.packages).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.copy(HERE / "first_content.mjs", packages)
    broker = bench().Broker(SimpleNamespace(bin=options.bin, relaisd=None, dir=str(folder)))
    try:
        broker.start()
        broker.set_up()
        filled = broker.client("fill", "--count", str(options.messages), "--seconds", "1200")
        print(f"first content: {filled['confirmed']} messages in the store", flush=True)
        if filled["confirmed"] != options.messages:
            raise SystemExit("the store could not be filled")
        # A broker that has run for a while: nothing of the filling is left in memory.
        broker.end(signal.SIGTERM)
        broker.start()
        node = subprocess.run(["node", packages / "first_content.mjs"], stdin=subprocess.DEVNULL,
                              env={**os.environ, "CONSOLE": console_of(Path(broker.data)), "ROUNDS": str(options.rounds),
                                   "LIMIT_MS": str(LIMIT_MS)})
    finally:
        broker.remove()
    sys.exit(node.returncode)


if __name__ == "__main__":
    main()
