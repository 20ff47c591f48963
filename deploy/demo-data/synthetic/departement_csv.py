"""Imports of beneficiaries by a département: UTF-8 with BOM, CRLF, `;`, doubled quotes; and the re-referrals.

Shape of `import_beneficiaires.csv` and `import_reorientation_*.csv` of gip-inclusion/carnet-de-bord (Apache-2.0)."""

from .csv_text import CsvText
from .faults import Export, Fault, Plan
from .people import BIRTH_PLACE, nir_key, person

_HEADER = ["Identifiant dans le SI*", "Prénom*", "Nom*", "Date de naissance*", "NIR", "Lieu de naissance", "Téléphone",
           "Email", "Adresse", "Adresse (complément)", "Code postal", "Ville", "Situation", "Numéro allocataire CAF/MSA",
           "Identifiant Pôle emploi", "Droits RSA", "Droits ARE", "Droits ASS", "Prime d'activité", "RQTH",
           "Zone de mobilité", "Emploi recherché (code ROME)", "Niveau de formation", "Structure", "Accompagnateurs"]
KINDS = ["missing_required", "bad_date", "too_few_columns", "wrong_encoding"]
_SITUATIONS = ["recherche_emploi", "recherche_emploi", "iae", "emploi", "formation"]
_RSA = ["rsa_droit_ouvert_versable", "rsa_droit_ouvert_et_suspendu", "rsa_droit_ouvert_versement_suspendu", ""]
_JOBS = ["Pontier élingueur / Pontière élingueuse (N1104)", "Agent / Agente d'entretien des locaux (K2204)",
         "Aide-soignant / Aide-soignante (J1501)", ""]


def _row(random, reference, who):
    phone = who.phone if random.random() < 0.8 else f"{who.phone}, 0353010{random.randint(0, 999):03d}"
    nir = who.nir + nir_key(who.nir) if random.random() < 0.15 else ""
    return [reference, who.given_name, who.family_name, who.birth_date.isoformat(), nir, BIRTH_PLACE, phone,
            who.email if random.random() < 0.7 else "", who.address, who.complement, who.commune.postal_code,
            who.commune.name, random.choice(_SITUATIONS), who.allocataire, who.job_seeker if random.random() < 0.4 else "",
            random.choice(_RSA), random.choice(["", "Oui"]), random.choice(["", "Oui", "Non"]),
            random.choice(["Oui", "Non"]), random.choice(["", "Oui", "Non"]), random.choice(["", "10", "30", "50"]),
            random.choice(_JOBS), random.choice(["NV5", "NV4", "NV3", ""]), random.choice(["CD 25", ""]), ""]


def beneficiaries(random, communes, count: int, share: float, per_file: int = 100):
    plan = Plan(random, count, share, KINDS)
    for part in range((count + per_file - 1) // per_file):
        text = CsvText(_HEADER, "utf-8", bom=True, newline="\r\n")
        export = Export(f"import_beneficiaires-{part + 1:03d}.csv", "departement-csv", "utf-8-sig", b"")
        for index in range(part * per_file, min(count, (part + 1) * per_file)):
            reference = f"SYN-D{index:06d}"
            who = person(random, communes)
            row = _row(random, reference, who)
            fault = plan.kind(index)
            lower = not fault and random.random() < 0.05  # some towns type names without capitals
            column, encoding = "", ""
            if lower:
                row[1], row[2] = row[1].lower(), row[2].lower()
            elif fault == "missing_required":
                column, row[3] = _HEADER[3], ""
            elif fault == "bad_date":
                column, row[3] = _HEADER[3], "19970-04-22"
            elif fault == "too_few_columns":
                row = row[:11]
            elif fault == "wrong_encoding":  # a file that was put together from two sources
                column, encoding, row[1] = _HEADER[1], "windows-1252", "Zoé"
            line = text.add(row, encoding)
            if fault:
                export.faults.append(Fault(fault, line, column, reference))
            else:
                export.persons[reference] = who.key(str.lower if lower else str)
        export.data = text.data
        yield export


_REORIENTATION = ["Prénom*", "Nom*", "Date de naissance*", "Accompagnateurs à ajouter", "Accompagnateurs à supprimer",
                  "Structures à rattacher"]


def reorientations(random, communes, count: int, share: float):
    """One file per kind of change. These files carry no reference: the manifest gives line numbers instead."""
    shapes = {"change_referent": ("ajout@example.org", "", ""), "change_structure": ("", "", "CD 25"),
              "deactivate_referent": ("", "retrait@example.org", "")}
    each = (count + len(shapes) - 1) // len(shapes)
    for shape, changes in shapes.items():
        plan = Plan(random, each, share, ["missing_required", "bad_date"])
        text = CsvText(_REORIENTATION, "utf-8", bom=True, newline="\r\n")
        export = Export(f"import_reorientation_{shape}-001.csv", "reorientation-csv", "utf-8-sig", b"")
        for index in range(each):
            who = person(random, communes)
            row = [who.given_name, who.family_name, who.birth_date.strftime("%d/%m/%Y"), *changes]
            fault = plan.kind(index)
            if shape != "change_structure":
                fault = ""  # a row that makes no message is not looked at further
            if fault == "missing_required":
                row[1] = ""
            elif fault == "bad_date":
                row[2] = "31/02/1990"
            line = text.add(row)
            if fault:
                export.faults.append(Fault(fault, line, _REORIENTATION[1 if fault == "missing_required" else 2], ""))
            elif shape == "change_structure":
                export.persons[f"line:{line}"] = who.key()
            else:
                export.silent += 1  # a change inside a structure concerns nobody else
        export.data = text.data
        yield export
