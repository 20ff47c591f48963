"""refusals.json: the catalogue of proto/README.md, sentences with their facts in place, and refusals on the wire."""

from make_common import ROOT, draw
from relais.v1 import refusal_pb2

BEGIN, END = "<!-- generated: refusals -->\n", "<!-- end -->"


def catalogue():
    page = (ROOT / "proto" / "README.md").read_text(encoding="utf-8")
    table = page[page.index(BEGIN) + len(BEGIN):]
    found = {}
    for line in table[:table.index(END)].splitlines()[2:]:
        code, retry, english, french = (cell.strip() for cell in line.strip("|").split(" | "))
        found[code.strip("`")] = {"retry": retry == "yes", "english": english, "french": french}
    return found


def said(known, code, english, french, field="", message_id=b"", **facts):
    wire = refusal_pb2.Refused(code=code, english=english, french=french, field=field, retry=known[code]["retry"],
                               message_id=message_id)
    return {"code": code, "field": field, "facts": facts, "message_id": message_id.hex(), "english": english, "french": french,
            "wire": wire.SerializeToString().hex()}


def sentences(known):
    return [
        said(known, "route.none", "The network has no such recipient: caf-99.", "Le réseau n'a pas ce destinataire : caf-99.",
             recipient="caf-99", message_id=draw("message", 16)),
        said(known, "route.none", "The network has no such recipient.", "Le réseau n'a pas ce destinataire."),
        said(known, "route.none", "The network has no such recipient: caf-99 (field: recipients[0]).",
             "Le réseau n'a pas ce destinataire : caf-99 (champ: recipients[0]).", field="recipients[0]", recipient="caf-99"),
        said(known, "agreement.none", "No agreement covers this message for the purpose housing.",
             "Aucune convention ne couvre ce message pour la finalité housing.", purpose="housing"),
        said(known, "agreement.none",
             "No agreement covers this message from caf-25 to ccas-25056 for the purpose housing.",
             "Aucune convention ne couvre ce message de caf-25 vers ccas-25056 pour la finalité housing.",
             **{"from": "caf-25", "to": "ccas-25056", "purpose": "housing"}),
        said(known, "agreement.none", "No agreement covers this message (from: caf-25).",
             "Aucune convention ne couvre ce message (from: caf-25).", **{"from": "caf-25"}),
        said(known, "envelope.malformed", "The envelope is malformed (purpose): expected a code.",
             "L'enveloppe est mal formée (purpose) : attendu a code.", field="purpose", expected="a code"),
        said(known, "broker.draining", "The broker is about to stop and takes nothing new. Try again in a moment.",
             "Le courtier va s'arrêter et n'accepte plus rien de nouveau. Réessayez dans un moment."),
        said(known, "secrecy.mission", "The mission housing_only of caf-25 does not allow it to be told the category health.",
             "La mission housing_only de caf-25 ne permet pas de lui communiquer la catégorie health.",
             mission="housing_only", recipient="caf-25", category="health"),
        said(known, "key.file_mode", "Others than its owner may use this key file (keys/a.key): its mode is 0644, it must be 0600.",
             "Ce fichier de clé est ouvert à d'autres que son propriétaire (keys/a.key) : mode 0644, il faut 0600.",
             path="keys/a.key", mode="0644"),
    ]


def make():
    known = catalogue()
    return {"catalogue": known, "sentences": sentences(known)}


MODULE_HEAD = '''"""How broker and SDK say no: the catalogue of proto/README.md (14), one row for each code, in their order.

A part in [brackets] is left out when one of its {facts} is missing. Written by tests/contract/vectors/make.py; tests compare
it with the broker's.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    retry: bool
    english: str
    french: str


CATALOGUE: dict[str, Entry] = {
'''


def module():
    """adapters/python/relais/refusal_catalogue.py"""
    rows = "".join(f'    "{code}": Entry(\n        {row["retry"]},\n        "{row["english"]}",\n        "{row["french"]}",\n    ),\n'
                   for code, row in catalogue().items())
    return MODULE_HEAD + rows + "}\n"
