"""The main program of an adapter: command line, configuration, logs, signals, order of starting and stopping."""

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from relais import log
from relais.adapter import Adapter
from relais.config import AdapterConfig, ConfigInvalid, ReadTables, read_config
from relais.handler import Handler
from relais.refusal import Refusal
from relais.version import VERSION

FINE, FAILED, USAGE = 0, 1, 2


def run_adapter(
    name: str,
    make: Callable[[AdapterConfig], Handler],
    arguments: list[str] | None = None,
    summary: str = "An adapter of Relais.",
    read_tables: ReadTables | None = None,
) -> int:
    """`NAME CONFIG` runs until SIGTERM or SIGINT; `NAME --check CONFIG` reads the configuration and tells every fault.
    The answer is the exit code: 0; 1 the configuration or the start failed, or the adapter could not go on; 2 the command
    line is wrong. `make` is called once, when the configuration is without fault."""
    words = sys.argv[1:] if arguments is None else arguments
    if words == ["--help"]:
        print(_usage(name, summary), end="")
        return FINE
    if words == ["--version"]:
        print(name, VERSION)
        return FINE
    check = "--check" in words
    paths = [word for word in words if word != "--check"]
    if len(paths) != 1 or len(words) > 2 or paths[0].startswith("-"):
        print(_usage(name, summary), end="", file=sys.stderr)
        return USAGE
    try:
        config = read_config(Path(paths[0]), read_tables)
        if check:
            print(f"{paths[0]}: no faults")
            return FINE
        return _run(name, make, config)
    except ConfigInvalid as faults:
        print(faults, file=sys.stderr)
    except Refusal as refusal:
        print(f"{name}: {refusal}", file=sys.stderr)
    return FAILED


def _run(name: str, make: Callable[[AdapterConfig], Handler], config: AdapterConfig) -> int:
    log.start_log(name, config.log_level, config.log_format)
    handler = make(config)
    adapter = Adapter(config, handler)
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    try:
        handler.start(adapter)
        adapter.start()
        log.info("adapter started", version=VERSION)
        while not told_to_end.wait(0.5) and not adapter.failed.is_set():
            pass
        log.info("adapter stops")
    finally:
        # The connector first: what it still submits finds an outbox, and its answers are on their way before the goodbye.
        handler.stop()
        adapter.close()
    return FAILED if adapter.failed.is_set() else FINE


def _usage(name: str, summary: str) -> str:
    return (
        f"{name}: {summary}\n\nUsage:\n"
        f"  {name} CONFIG           run until SIGTERM or SIGINT\n"
        f"  {name} --check CONFIG   read the configuration, tell every fault, and end\n"
        f"  {name} --version | --help\n"
    )
