"""Referrals as a CCAS exports them: windows-1252, CRLF, `;`, French dates. The format of config/demo/mappings/ccas.toml."""

from .csv_text import CsvText
from .faults import Export, Fault, Plan
from .people import BIRTH_PLACE, person

HEADER = ["N° dossier", "Action", "Destinataire", "Urgence", "Civilité", "Nom", "Nom de naissance", "Prénom", "Né(e) le",
          "Lieu de naissance", "Téléphones", "Courriel", "Adresse", "Complément", "Code postal", "Commune", "Code INSEE",
          "Situation familiale", "Enfants à charge", "N° allocataire", "Besoin", "Observations", "Agent"]
KINDS = ["missing_required", "bad_date", "unknown_code", "too_few_columns", "broken_quote"]
_NEEDS = {
    "CAF": ["Ouverture de droits RSA", "Aide au logement : dossier bloqué", "Prime d'activité", "Changement d'adresse"],
    "CPAM": ["Complémentaire santé solidaire", "Renoncement aux soins", "Carte Vitale", "Déclaration de médecin traitant"],
}
_NOTES = ["", "", "Préfère être appelée le matin.", 'A dit : "on m\'a déjà renvoyé trois fois".',
          "Ne lit pas le français ;\r\nvenir avec un interprète.", "Coût restant : 12,50 €"]


def _row(random, reference, who):
    to = random.choice(["CAF", "CAF", "CPAM"])
    return [reference, "ORIENTATION", to, "U" if random.random() < 0.1 else "N", who.title.rstrip(".").capitalize(),
            who.family_name, who.birth_name if who.birth_name != who.family_name else "", who.given_name,
            who.birth_date.strftime("%d/%m/%Y"), BIRTH_PLACE, who.phone, who.email if random.random() < 0.6 else "",
            who.address, who.complement, who.commune.postal_code, who.commune.name, who.commune.code,
            random.choice(["seul", "seul", "couple", "monoparental"]), str(random.choice([0, 0, 1, 2, 3])),
            who.allocataire if random.random() < 0.7 else "", random.choice(_NEEDS[to]), random.choice(_NOTES),
            "Agent du CCAS"]


def exports(random, communes, count: int, share: float, per_file: int = 100):
    plan = Plan(random, count, share, KINDS)
    for part in range((count + per_file - 1) // per_file):
        text = CsvText(HEADER, "windows-1252", bom=False, newline="\r\n")
        export = Export(f"orientations-{part + 1:03d}.csv", "ccas-csv", "windows-1252", b"")
        for index in range(part * per_file, min(count, (part + 1) * per_file)):
            reference = f"SYN-C{index:06d}"
            who = person(random, communes)
            row = _row(random, reference, who)
            fault = plan.kind(index)
            column = ""
            if fault == "missing_required":
                column, row[5] = HEADER[5], ""
            elif fault == "bad_date":
                column, row[8] = HEADER[8], "31/02/1990"
            elif fault == "unknown_code":
                column, row[2] = HEADER[2], "Mairie d'à côté"
            elif fault == "too_few_columns":
                row = row[:12]
            if fault == "broken_quote":
                row[21] = ""
                row[12] = "MARK"
                line = text.add_text(";".join(row).replace("MARK", '"12 rue "des Glacis'))
            else:
                line = text.add(row)
            if fault:
                export.faults.append(Fault(fault, line, column, reference))
            else:
                export.persons[reference] = who.key()
        export.data = text.data
        yield export
