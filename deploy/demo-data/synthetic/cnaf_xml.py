"""The monthly CNAF flow "RSA bénéficiaires" (vrsb0801): windows-1252, padded values, control totals.

Shape of `RSABEM-ouvert.xml` of gip-inclusion/carnet-de-bord (Apache-2.0); no value is taken from it."""

import datetime
from xml.sax.saxutils import escape

from .faults import Export, Fault, Plan
from .people import BIRTH_PLACE, person

KINDS = ["bad_date", "missing_element"]          # of one household
FILE_KINDS = ["control_total", "document_type"]  # of a whole transmission
_ENCODING = "windows-1252"


class _Xml:
    """Elements with tabs, one to a line, as the flow is written. Knows on which line it is."""

    def __init__(self):
        self.lines: list[str] = []
        self._open: list[str] = []

    def open(self, *names):
        for name in names:
            self.lines.append("\t" * len(self._open) + f"<{name}>")
            self._open.append(name.split(" ")[0])
        return self

    def close(self, count=1):
        for _ in range(count):
            name = self._open.pop()
            self.lines.append("\t" * len(self._open) + f"</{name}>")
        return self

    def leaf(self, name, value):
        text = f"<{name}>{escape(value)}</{name}>" if value else f"<{name} />"
        self.lines.append("\t" * len(self._open) + text)
        return self

    def leaves(self, **values):
        for name, value in values.items():
            self.leaf(name, value)
        return self


def _money(cents: int) -> str:
    return f"{cents // 100:07d}.{cents % 100:02d}"


def _person(xml, random, who, role, fault):
    born = who.birth_date.isoformat()
    if fault == "bad_date":
        born = f"{who.birth_date.year}-02-31"
    xml.open("Personne", "Identification")
    xml.leaf("QUAL", "MME" if who.woman else "MR ")
    if fault != "missing_element":
        xml.leaf("NOM", who.family_name.upper())
    xml.leaves(NOMNAI=who.birth_name.upper(), PRENOM=who.given_name.upper(), NOMCOMNAI=BIRTH_PLACE.upper(),
               DTNAI=born, TYPEDTNAI="N", NIR=who.nir, TOPVALIEC="1", SEXE="2" if who.woman else "1").close()
    since = datetime.date(random.randint(2008, 2023), random.randint(1, 12), 1).isoformat()
    xml.open("DossierCAF").leaves(TOPRESPDOS="1" if role == "MON" else "0", DDRATDOS=since).close()
    for benefit in ("PFA", "RSA"):
        xml.open("Prestations").leaves(NATPREST=benefit, ROLEPERS=role, TOPCHAPERS="1" if benefit == "RSA" else "0").close()
    if role != "ENF":
        xml.open("DossierPoleEmploi").leaf("IDASSEDIC", who.job_seeker).close()
        _resources(xml, random)
        xml.open("MontantCalculDroitRSAPersonne").leaf("TOPPERSDRODEVORSA", "1").close()
        xml.open("Activite").leaves(REG="GE", ACT=random.choice(["CHO", "SAL", "SSA"]), DDACT="2024-02-01").close()
    xml.close()


def _resources(xml, random):
    xml.open("Ressources", "GeneraliteRessourcesTrimestre")
    xml.leaves(TOPRESSNUL="0", DDRESS="2024-01-01", DFRESS="2024-03-31").close()
    for month in ("2024-01-01", "2024-02-01", "2024-03-01"):
        xml.open("RessourcesMensuelles", "GeneraliteRessourcesMensuelles")
        xml.leaves(MOISRESS=month, NBHEUMENTRA=f"{random.choice([0, 0, 35, 80]):03d}").close()
        for kind in ("001", "044"):
            xml.open("DetailRessourcesMensuelles")
            xml.leaves(NATRESS=kind, MTNATRESSMEN=_money(random.choice([0, random.randint(1500, 140000)]))).close()
        xml.close()
    xml.close()


def _household(xml, random, communes, number, fault):
    first = person(random, communes)
    where = first.commune
    xml.open("InfosFoyerRSA", "IdentificationRSA", "Organisme")
    xml.leaves(FONORG="CAF", NUMORG="251", MATRICULE=number).close()
    xml.open("Partenaire").leaves(TYPEPARTE="CG ", IDEPARTE="025").close()
    xml.open("DemandeRSA").leaves(DTDEMRSA="2024-03-11", NUMDEMRSA=number[-11:]).close(2)
    alone = random.random() < 0.6
    _person(xml, random, first, "MON", fault)
    if not alone:
        _person(xml, random, person(random, communes), "CJT", "")
    for _ in range(random.choice([0, 0, 1, 2, 3])):
        _person(xml, random, person(random, communes, adult=False), "ENF", "")
    xml.open("DonneesAdministratives", "SituationFamille")
    xml.leaves(SITFAM="CEL" if alone else "MAR", DDSITFAM="2015-06-01", REGAGRIFAM="SA").close()
    xml.open("Adresse", "TroncCommunAdresse")
    xml.leaves(RGADR="01", DTEMM="2021-05-26", PAYS="FRA", TYPEADR="D", ETATADR="CO").close()
    xml.open("AdresseDetailleeFrance")
    xml.leaves(COMPLIDEADR="", COMPLADR=first.complement[:38], NUMVOIE=first.street_number[:6],
               LIBTYPEVOIE=first.street_kind.upper(), NOMVOIE=first.street.upper()[:25], LIEUDIST="",
               NUMCOM=where.code, CODEPOS=where.postal_code, NOMCOM=where.name.upper()[:26]).close(3)
    xml.open("PrestationRSA", "SituationDossierRSA", "EtatDossierRSA").leaf("ETATDOSRSA", "2").close(2)
    xml.open("DetailDroitRSA", "TroncCommunDroitRSA")
    xml.leaves(TOPSANSDOMFIXE="0", ORIDEMRSA="DEM", DTORIDEMRSA="2024-03-11").close(3)
    xml.close()
    return first


def _flow(random, communes, name, households, file_fault="") -> Export:
    """One transmission. `households`: (number, fault). With a fault of its own the whole of it is to be refused."""
    export = Export(name, "cnaf-xml", _ENCODING, b"")
    declaration = f'<?xml version="1.0" encoding="{_ENCODING}"?>\n'
    if file_fault == "document_type":
        declaration += '<!DOCTYPE Racine [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n'
    before = declaration.count("\n") + 1  # the root stands on two lines
    xml = _Xml()
    xml.open('Racine xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n'
             '\txsi:noNamespaceSchemaLocation="../../cdb/caf_msa/vrsb0801.xsd"')
    xml.open("IdentificationFlux").leaves(
        APPLIEME="CRI", NUMVERSIONAPPLIEME="6200", TYPEFLUX="M", NATFLUX="D", DTCREAFLUX="2024-04-05",
        HEUCREAFLUX="01:18:36.0000", DTREF="2024-03-31").close()
    for number, fault in households:
        line = before + len(xml.lines) + 1
        who = _household(xml, random, communes, number, fault)
        if fault:
            export.faults.append(Fault(fault, line, "DTNAI" if fault == "bad_date" else "NOM", number))
        elif not file_fault:
            export.persons[number] = who.key(str.upper)
    total = len(households) + (1 if file_fault == "control_total" else 0)
    xml.open("TransmissionFlux").leaves(NBTOTDOSRSATRANSM=f"{total:08d}", NBTOTDOSRSATRANSMANO=f"{0:08d}").close()
    xml.close()
    if file_fault:
        export.faults.append(Fault(file_fault, 0, "", ""))
    export.data = (declaration + "\n".join(xml.lines) + "\n").encode(_ENCODING)
    return export


def exports(random, communes, count: int, share: float, per_file: int = 100):
    plan = Plan(random, count, share, KINDS)
    for part in range((count + per_file - 1) // per_file):
        indexes = range(part * per_file, min(count, (part + 1) * per_file))
        yield _flow(random, communes, f"SYN-RSABEM-{part + 1:03d}.xml", [(f"999{i:012d}", plan.kind(i)) for i in indexes])
    for turn, kind in enumerate(FILE_KINDS if share > 0 else []):
        yield _flow(random, communes, f"SYN-RSABEM-{kind}.xml", [(f"998{turn:02d}{i:010d}", "") for i in range(3)], kind)
