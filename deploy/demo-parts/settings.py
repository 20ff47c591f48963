"""The settings of the four adapters, as an institution's IT team would write them."""

from pathlib import Path

from network import Network

_CONFIG = Path(__file__).resolve().parents[2] / "config"


def _relais(network: Network, name: str, institution: str, health_port: int) -> str:
    """The table [relais]: who we are, where the broker is, and what we know of it beforehand."""
    return f"""# Written by deploy/demo.
[relais]
name = "{name}"
network = "demo-doubs"
authority_public_key = "{network.authority_key}"
broker_public_key = "{network.broker_key}"
endpoints = ["{network.endpoint}"]
transport_key = "../keys/{institution}.transport-1.key"
data_dir = "data"
health_port = {health_port}

[[relais.institution]]
id = "{institution}"
signing_keys = ["../keys/{institution}.signing-1.key"]
sealing_keys = ["../keys/{institution}.sealing-1.key"]
"""


def _read(names: list[str], mapping: str, recipients: str = "", purpose: str = "") -> str:
    text = f'\n[[exchange.read]]\nnames = {names}\nmapping = "{_CONFIG / mapping}"\n'.replace("'", '"')
    if recipients:
        text += f'recipients = ["{recipients}"]\n'
    if purpose:
        text += f'purpose = "{purpose}"\n'
    return text


def _write(mapping: str, batch: int = 100) -> str:
    return f'\n[[exchange.write]]\nmapping = "{_CONFIG / mapping}"\nbatch_messages = {batch}\nbatch_age = "1s"\n'


_EXCHANGES = {
    # The CCAS drops what its software and its partners export; what no mapping here names is refused, with the reason.
    "ccas": [
        _read(["orientations-*.csv", "to-try*.csv"], "demo/mappings/ccas.toml"),
        _read(["import_beneficiaires*.csv"], "mappings/departement-beneficiaires.toml"),
        _read(["import_reorientation*.csv"], "mappings/departement-reorientations.toml"),
        _read(["beneficiaires_en_attente*.csv"], "mappings/departement-en-attente.toml", "departement-25"),
        _read(["i03300c*.csv"], "mappings/france-travail-extrait.toml", "departement-25"),
        _read(["*RSABEM*.xml"], "mappings/cnaf-vrsb0801.toml", "departement-25"),
        _write("demo/mappings/ccas.toml"),
    ],
    "cpam": [
        _read(["*.xml"], "demo/mappings/cpam.toml"),
        _write("demo/mappings/cpam.toml"),
    ],
    "departement": [
        _read(["*.csv"], "mappings/accueil-csv.toml"),
        _write("mappings/accueil-csv.toml"),
    ],
}


def files_settings(network: Network, name: str, institution: str, folder: Path, health_port: int) -> str:
    return _relais(network, name, institution, health_port) + f"""
[[exchange]]
institution = "{institution}"
folder = "{folder / name}"
complete = "{"stable" if name == "ccas" else "rename"}"
stable_for = "1s"
poll = "1s"
""" + "".join(_EXCHANGES[name])


def postgres_settings(network: Network, institution: str, health_port: int, conninfo: str) -> str:
    return _relais(network, "caf", institution, health_port) + f"""
[database]
connection = "{conninfo}"
"""
