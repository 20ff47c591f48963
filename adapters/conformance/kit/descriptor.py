"""An adapter's descriptor: how it is started, how its software hands over a record, how to see what the software got, and which
messages these are."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from relais.v1 import envelope_pb2

_PLACE = re.compile(r"\$\{([a-z_]+)\}")
_COMMANDS = {"adapter": ("start",), "software": ("prepare", "hand_over", "received", "alone", "down", "up", "finish")}
_NEEDED = (("adapter", "start"), ("software", "hand_over"), ("software", "received"))
PLACES = ("here", "root", "bin", "folder", "network", "institution", "partner", "purpose", "endpoint", "dead_endpoint",
          "authority_key", "broker_key", "transport_key", "signing_key", "sealing_keys", "data_dir", "port", "adapter_port")


class DescriptorInvalid(Exception):
    """Every fault, each with file and place."""


REQUEST, PROPOSAL = "referral_requested", "appointment_proposed"
_RECEIVED = (REQUEST, PROPOSAL)
_KINDS = {field.name for field in envelope_pb2.Envelope.DESCRIPTOR.oneofs_by_name["body"].fields}


@dataclass(frozen=True)
class Messages:
    """What this adapter's software has to do with."""

    receives: str = REQUEST
    """What brings a person to the software."""
    says: tuple[str, ...] = ("referral_received",)
    """What the adapter says by itself of a person whom the software has got."""
    hands_over: str = REQUEST
    twice_when_killed: str = ""
    """Where the adapter's own page says that its software can not recognise what was being handed to it at a SIGKILL."""

    @property
    def answers(self) -> bool:
        """The software refers nobody: it hands over an answer about somebody whom it has got before."""
        return self.hands_over != REQUEST


@dataclass
class Descriptor:
    name: str
    path: Path
    start: list[str]
    commands: dict[str, list[str]]
    files: dict[str, str] = field(default_factory=dict)
    messages: Messages = Messages()


def fill(text: str, places: dict[str, str]) -> str:
    return _PLACE.sub(lambda found: places[found[1]], text)


def read_descriptor(path: Path) -> Descriptor:
    try:
        whole = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DescriptorInvalid(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DescriptorInvalid(f"{path}: {error}") from None
    faults: list[str] = []
    name = whole.pop("name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        faults.append("name: a word of small letters, digits and - is needed")
    files = whole.pop("files", {})
    if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
        faults.append('files: a table of "name" = """content""" is allowed')
        files = {}
    commands: dict[str, list[str]] = {}
    for table, names in _COMMANDS.items():
        found = whole.pop(table, {})
        for key, value in found.items() if isinstance(found, dict) else ():
            if key not in names:
                faults.append(f"{table}.{key}: unknown; allowed: {', '.join(names)}")
            elif not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
                faults.append(f"{table}.{key}: a list of words is needed, the first a program")
            else:
                commands[key] = value
    messages = _read_messages(whole.pop("messages", {}), faults)
    faults += [f"{table}.{key}: is missing" for table, key in _NEEDED if key not in commands]
    if ("down" in commands) != ("up" in commands):
        faults.append("software: down and up go together")
    faults += [f"{key}: unknown; allowed: name, files, adapter, software, messages" for key in whole]
    texts = [(f"files.{key}", value) for key, value in files.items()]
    texts += [(key, word) for key, words in commands.items() for word in words]
    faults += [f"{place}: ${{{one}}} is unknown; allowed: {', '.join(PLACES)}" for place, value in texts
               for one in _PLACE.findall(value) if one not in PLACES]
    faults += [f"files.{key}: a name below the folder of the run is needed" for key in files
               if key.startswith("/") or ".." in Path(key).parts]
    if faults:
        raise DescriptorInvalid("\n".join(f"{path}: {fault}" for fault in faults))
    return Descriptor(name, path, commands.pop("start"), commands, files, messages)


def _read_messages(table: object, faults: list[str]) -> Messages:
    if not isinstance(table, dict):
        faults.append("messages: a table is needed")
        return Messages()
    usual = Messages()
    receives, hands_over = table.pop("receives", usual.receives), table.pop("hands_over", usual.hands_over)
    says = table.pop("says", list(usual.says))
    twice = table.pop("twice_when_killed", usual.twice_when_killed)
    if not isinstance(twice, str):
        faults.append("messages.twice_when_killed: a page, and its section, is needed")
    if receives not in _RECEIVED:
        faults.append(f"messages.receives: one of {', '.join(_RECEIVED)} is needed")
    if hands_over not in _KINDS:
        faults.append("messages.hands_over: a kind of message is needed")
    if not isinstance(says, list) or not all(one in _KINDS for one in says):
        faults.append("messages.says: a list of kinds of message is needed")
        says = []
    faults += [f"messages.{key}: unknown; allowed: receives, says, hands_over, twice_when_killed" for key in table]
    return Messages(receives, tuple(says), hands_over, twice)
