"""One line for each event, to standard error: key=value or JSON, as the C++ programs write it.

Fields are ids, codes, numbers: never a personal datum.
"""

import json
import logging
import re
import sys
import time

_PLAIN = re.compile(r'[!-~]+', re.ASCII)
_logger = logging.getLogger("relais")

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
FORMATS = ("key_value", "json")


def start_log(program: str, level: str = "info", form: str = "key_value") -> None:
    """Replaces what was there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(program, form))
    _logger.handlers = [handler]
    _logger.setLevel(LEVELS[level])
    _logger.propagate = False


def info(event: str, **fields: object) -> None:
    _write(logging.INFO, event, fields)


def warning(event: str, **fields: object) -> None:
    _write(logging.WARNING, event, fields)


def error(event: str, **fields: object) -> None:
    _write(logging.ERROR, event, fields)


def _write(level: int, event: str, fields: dict[str, object]) -> None:
    _logger.log(level, "%s", event, extra={"relais_fields": fields})


class _Formatter(logging.Formatter):
    def __init__(self, program: str, form: str) -> None:
        super().__init__()
        self._program = program
        self._json = form == "json"

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        pairs: list[tuple[str, object]] = [
            ("time", at), ("level", record.levelname.lower()), ("program", self._program), ("event", record.getMessage()),
            *getattr(record, "relais_fields", {}).items(),
        ]
        if self._json:
            return json.dumps({name: str(value) for name, value in pairs}, ensure_ascii=False, separators=(",", ":"))
        return " ".join(f"{name}={_bare(str(value))}" for name, value in pairs)


def _bare(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not set(text) & set('"=\\')
    return text if plain else json.dumps(text, ensure_ascii=False)
