"""The settings of one adapter process, and how they are read from its TOML file."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from relais import log
from relais.frames import is_name
from relais.keyring import ServedInstitution
from relais.keys import Key, read_key_file
from relais.network import Pins
from relais.refusal import Refusal
from relais.toml_reader import Table, Violation, read_toml
from relais.version import VERSION
from relais.words import is_institution_id

_MEBI = 1 << 20


@dataclass(frozen=True)
class SessionTimes:
    """In seconds. Defaults are what production uses; tests shorten them."""

    reconnect_first_s: float = 0.2
    reconnect_most_s: float = 30.0
    welcome_within_s: float = 5.0
    answer_within_s: float = 30.0
    refused_first_s: float = 1.0
    refused_most_s: float = 60.0


@dataclass(frozen=True)
class AdapterConfig:
    name: str
    pins: Pins
    institutions: tuple[ServedInstitution, ...]
    transport_key: Key
    endpoints: tuple[str, ...]
    data_dir: Path
    """of this adapter alone"""
    version: str = VERSION
    outbox_bytes_max: int = 4 << 30
    disk_reserve_bytes: int = 256 * _MEBI
    in_hand_messages_max: int = 256
    """deliveries that the handler has not settled yet"""
    in_hand_bytes_max: int = 16 * _MEBI
    automatic_receipts: bool = True
    health_port: int = 0
    """on 127.0.0.1; 0: none"""
    times: SessionTimes = field(default_factory=SessionTimes)
    log_level: str = "info"
    log_format: str = "key_value"


class ConfigInvalid(Exception):
    """Everything that is wrong with a file, in its order."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("\n".join(map(str, violations)))
        self.violations = violations


ReadTables = Callable[[Table, Path], None]
"""Reads tables that belong to the connector: ask the whole file for them and finish() each one. Relative paths are taken
from the folder. Faults go through the table, so that all of a file are told at once."""


def read_config(file: Path, read_tables: ReadTables | None = None) -> AdapterConfig:
    """Reads the tables [relais] and [log] and the key files they name; tables and keys that nobody asked for are refused.
    ConfigInvalid, with every violation."""
    whole, findings = read_toml(file)
    config: AdapterConfig | None = None
    if whole is not None:
        relais = whole.table("relais")
        if relais is not None:
            config = _read_relais(relais, _read_log(whole), file.parent)
            relais.finish()
        else:
            whole.fault("relais", "is missing", "the table [relais]")
        if read_tables:
            read_tables(whole, file.parent)
        whole.finish()
    if findings.violations or config is None:
        raise ConfigInvalid(findings.in_order())
    return config


def _read_log(whole: Table) -> tuple[str, str]:
    table = whole.table("log")
    if table is None:
        return "info", "key_value"
    level, form = table.text("level") or "info", table.text("format") or "key_value"
    if level not in log.LEVELS:
        table.fault("level", "is not a level", ", ".join(log.LEVELS))
    if form not in log.FORMATS:
        table.fault("format", "is not a format", ", ".join(log.FORMATS))
    table.finish()
    return level, form


def _read_relais(table: Table, log_settings: tuple[str, str], folder: Path) -> AdapterConfig:
    name = table.needed_text("name", 'the adapter\'s name, e.g. "files-ccas"')
    if name and not is_name(name):
        table.fault("name", "is not a name", "1 to 64 letters, digits and . _ - +")
    network = _needed_id(table, "network", "the id of the network")
    pins = Pins(network, table.key_bytes("authority_public_key"), table.key_bytes("broker_public_key"))
    transport = table.needed_text("transport_key", "a key file")
    transport_key = _key(table, "transport_key", folder, transport, "transport") if transport else None
    data_dir = table.needed_text("data_dir", "a folder of this adapter alone")
    return AdapterConfig(
        name=name,
        pins=pins,
        institutions=_read_institutions(table, folder),
        transport_key=transport_key or Key("transport", "", bytes(32), bytes(32)),
        endpoints=_read_endpoints(table),
        data_dir=_under(folder, data_dir),
        outbox_bytes_max=table.integer("outbox_bytes_max", 4 << 30, _MEBI, 1 << 44),
        disk_reserve_bytes=table.integer("disk_reserve_bytes", 256 * _MEBI, _MEBI, 1 << 44),
        in_hand_messages_max=table.integer("in_hand_messages_max", 256, 1, 4_096),
        in_hand_bytes_max=table.integer("in_hand_bytes_max", 16 * _MEBI, _MEBI, 1 << 30),
        health_port=table.integer("health_port", 0, 0, 65_535),
        times=_read_times(table),
        automatic_receipts=not table.boolean("no_automatic_receipts"),
        log_level=log_settings[0],
        log_format=log_settings[1],
    )


def _read_times(table: Table) -> SessionTimes:
    usual = SessionTimes()
    first = table.seconds("reconnect_first", usual.reconnect_first_s)
    most = table.seconds("reconnect_most", usual.reconnect_most_s)
    if most < first:
        table.fault("reconnect_most", "is shorter than the first pause", "at least reconnect_first")
    return SessionTimes(reconnect_first_s=first, reconnect_most_s=most)


def _read_endpoints(table: Table) -> tuple[str, ...]:
    endpoints = table.texts("endpoints")
    if not endpoints:
        table.fault("endpoints", "is missing", 'a list such as ["tcp://192.0.2.1:5570"]')
    for index, endpoint in enumerate(endpoints):
        address, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        good = endpoint.startswith("tcp://") and address and port.isascii() and port.isdigit() and 0 < int(port) < 65_536
        if not good:
            table.fault(f"endpoints[{index}]", "is not an endpoint", "tcp://ADDRESS:PORT")
    return tuple(endpoints)


def _read_institutions(table: Table, folder: Path) -> tuple[ServedInstitution, ...]:
    institutions: list[ServedInstitution] = []
    for one in table.tables("institution"):
        institution = _needed_id(one, "id", "an institution of the network")
        if institution and institution in {known.id for known in institutions}:
            one.fault("id", "stands here twice", "each institution once")
        keys = {use: _keys(one, f"{use}_keys", folder, use) for use in ("signing", "sealing")}
        institutions.append(ServedInstitution(institution, keys["signing"], keys["sealing"]))
    if not institutions:
        table.fault("institution", "is missing", "at least one table [[relais.institution]]")
    return tuple(institutions)


def _needed_id(table: Table, name: str, what: str) -> str:
    written = table.needed_text(name, what)
    if written and not is_institution_id(written):
        table.fault(name, "is not an id", f"{what}: lower-case letters, digits and -")
    return written


def _keys(table: Table, name: str, folder: Path, use: str) -> tuple[Key, ...]:
    written = table.texts(name)
    if not written:
        table.fault(name, "is missing", "a list of key files")
    found = [_key(table, f"{name}[{index}]", folder, path, use) for index, path in enumerate(written)]
    return tuple(key for key in found if key is not None)


def _key(table: Table, name: str, folder: Path, written: str, use: str) -> Key | None:
    """None, with the fault told, when the file does not hold a key for that use."""
    wanted = f"a key file for {use}, mode 0600"
    try:
        key = read_key_file(_under(folder, written))
    except Refusal as refusal:
        table.fault(name, f"can not be used: {refusal.english}", wanted)
        return None
    if key.use != use:
        table.fault(name, f"is a key for {key.use}", wanted)
        return None
    return key


def _under(folder: Path, written: str) -> Path:
    return Path(os.path.normpath(folder / written))
