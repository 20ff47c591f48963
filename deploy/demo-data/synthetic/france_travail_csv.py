"""The nightly extract of France Travail: UTF-8, `;`, LF, 44 columns, `NULL` as text, times with a decimal.

Shape of `i03300c.j.extract_spie_…csv` of gip-inclusion/carnet-de-bord (Apache-2.0)."""

import uuid

from .csv_text import CsvText
from .faults import Export, Fault, Plan
from .people import BIRTH_COMMUNE, BIRTH_PLACE, person

_HEADER = (
    "identifiant_unique_de;civilite;nom;prenom;lieu_naissance;code_lieu_naissance;date_naissance;adresse_ligne2;"
    "adresse_ligne3;adresse_ligne4;adresse_ligne5;adresse_ligne6;departement;dr;rome_1;appelation_rome_1;rome_2;"
    "appelation_rome_2;mrech.axetravailprincipal;mrech.axetravailsecondaire;der_entretien_ppae;der_entretien;inscription;"
    "code_motif_inscription;motif_inscription;categorie_inscription;struct_principale;referent_civilite;referent_nom;"
    "referent_prenom;referent_mail;code_safir;modalite_accompagnement;struct_suivi;suivi_debut;suivi_fin_prev;"
    "dif_financiere;dif_admin_jur;dif_sante;dif_logement;dif_transport;dif_inser_com;dif_familiale;brsa").split(";")
KINDS = ["missing_required", "bad_date", "too_few_columns"]
_JOBS = [("A1101", "Conducteur / Conductrice d'engins d'exploitation agricole"),
         ("K2204", "Agent / Agente de nettoyage en collectivité"), ("FAKE", "Code Rome Inconnu"),
         ("N1103", "Préparateur / Préparatrice de commandes"), ("H2906", "Opérateur / Opératrice sur machine automatique")]
_REASONS = [("14", "FIN DE CDD OU DE CONTRAT AIDE"), ("15", "FIN DE MISSION D'INTERIM"), ("19", "AUTRE MOTIF INSCRIPTION")]


def _time(random, first_year, last_year):
    return f"{random.randint(first_year, last_year)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d} 00:00:00.0"


def _row(random, reference, who):
    job, other = random.choice(_JOBS), random.choice(_JOBS)
    reason = random.choice(_REASONS)
    agency = random.choice(["BESANCON TEMIS", "BESANCON PLANOISE", "MONTBELIARD CENTRE", "PONTARLIER"])
    hard = [random.choice(["O", "NULL", "NULL"]) for _ in range(7)]
    followed = [_time(random, 2017, 2020), _time(random, 2025, 2027)] if random.random() < 0.8 else ["NULL", "NULL"]
    return [reference, who.title, who.family_name.upper(), who.given_name.upper(), BIRTH_PLACE.upper(), BIRTH_COMMUNE,
            who.birth_date.isoformat() + " 00:00:00.0", who.complement or "NULL", "NULL", who.address.upper(), "NULL",
            f"{who.commune.postal_code} {who.commune.name.upper()}", "25", "043", *job, *other,
            random.choice(["ADAPT MARCHE TRAVAIL", "ELABORAT. PROJET PRO.", "TECHNIQ. RECH. EMPL."]), "NULL",
            _time(random, 2018, 2021), _time(random, 2021, 2023), _time(random, 2017, 2021), *reason,
            random.choice("12"), agency, "Mme", "REFERENT_NOM", "Referent_prenom", "referent@example.org", "25015",
            random.choice(["GUIDE", "RENFORCE", "SUIVI"]), agency, *followed, *hard, random.choice(["O", "O", "N"])]


def exports(random, communes, count: int, share: float, per_file: int = 200):
    plan = Plan(random, count, share, KINDS)
    for part in range((count + per_file - 1) // per_file):
        text = CsvText(_HEADER, "utf-8", bom=False, newline="\n")
        export = Export(f"i03300c.j.extract_spie-{part + 1:03d}.csv", "france-travail-csv", "utf-8", b"")
        for index in range(part * per_file, min(count, (part + 1) * per_file)):
            # A random-looking identifier, as the real ones are; SYN stands in it as hexadecimal digits 5359 4e.
            reference = str(uuid.UUID(int=(0x53594E << 104) | (random.getrandbits(48) << 32) | index))
            who = person(random, communes)
            row = _row(random, reference, who)
            fault = plan.kind(index)
            column = ""
            if fault:
                row[-1] = "O"
            if fault == "missing_required":
                column, row[2] = _HEADER[2], ""
            elif fault == "bad_date":
                column, row[6] = _HEADER[6], "1982-02-30 00:00:00.0"
            elif fault == "too_few_columns":
                row = row[:20]
            line = text.add(row)
            if fault:
                export.faults.append(Fault(fault, line, column, reference))
            elif row[-1] == "O":
                export.persons[reference] = who.key(str.upper)
            else:
                export.silent += 1  # job seekers without RSA are not the département's
        export.data = text.data
        yield export
