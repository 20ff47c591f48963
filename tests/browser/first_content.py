#!/usr/bin/python3
"""How fast the console's pages are over a large store, and whether they keep up with a busy broker: fills one by
relais-bench and opens every page in Chromium; then sends through another at a steady rate and watches every page that lists
or charts something. One JSON line for each page; fails when the median of one is over a second, or one stands still, is stuck or
waits for an answer for too long."""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
LIMIT_MS = 1000
RATE = 5000
WATCH_S = 15  # each page that tells what happens now
GLANCE_S = 5  # each other one
STILL_MS = 5000


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


def records(broker) -> int:
    address = console_of(Path(broker.data))
    origin, token = address.split("/console/#token=")
    with urlopen(Request(origin + "/api/v1/status", headers={"Authorization": f"Bearer {token}"})) as answer:
        return json.load(answer)["position"]


def node(packages: Path, script: str, broker, **settings) -> int:
    shutil.copy(HERE / script, packages)
    console = {"CONSOLE": console_of(Path(broker.data))}
    return subprocess.run(["node", packages / script], stdin=subprocess.DEVNULL,
                          env={**os.environ, **console, **{name: str(value) for name, value in settings.items()}}).returncode


def large_store(broker, packages: Path, options) -> int:
    broker.start()
    broker.set_up()
    filled = broker.client("fill", "--count", str(options.messages), "--seconds", "1200")
    print(f"first content: {filled['confirmed']} messages in the store", flush=True)
    if filled["confirmed"] != options.messages:
        raise SystemExit("the store could not be filled")
    # A broker that has run for a while: nothing of the filling is left in memory.
    broker.end(signal.SIGTERM)
    broker.start()
    return node(packages, "first_content.mjs", broker, ROUNDS=options.rounds, LIMIT_MS=LIMIT_MS)


def busy(broker, packages: Path) -> int:
    broker.start()
    broker.set_up()
    # Long enough for all pages, Chromium's start, and each of them to be there.
    seconds = 2 * WATCH_S + 15 * (GLANCE_S + 2) + 45
    command = [f"{broker.options.bin}/relais-bench", "w1", "--port", str(broker.port), "--data", broker.data,
               "--rate", str(RATE), "--count", str(RATE * seconds), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as sender:
        while records(broker) < RATE:  # contents are sealed before the first is sent
            if sender.poll() is not None:
                raise SystemExit("the sender ended before it began")
            time.sleep(0.5)
        status = node(packages, "live.mjs", broker, WATCH_S=WATCH_S, GLANCE_S=GLANCE_S, STILL_MS=STILL_MS, RATE=RATE)
        ended = sender.poll() is not None
        out = sender.communicate()[0]
    print(out.strip(), flush=True)
    if ended:
        raise SystemExit("the sender ended before the pages had been watched")
    return status or sender.returncode


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
    status = 0
    for part in (lambda broker: large_store(broker, packages, options), lambda broker: busy(broker, packages)):
        broker = bench().Broker(SimpleNamespace(bin=options.bin, relaisd=None, dir=str(folder)))
        try:
            status = part(broker) or status
        finally:
            broker.remove()
    sys.exit(status)


if __name__ == "__main__":
    main()
