"""The real files that the demo drops besides the synthetic ones, and what a careful reader finds in them.

They are in tests/data/depots (Apache-2.0, gip-inclusion/carnet-de-bord); the persons in them are that project's own
test records."""

from dataclasses import dataclass, field

FOLDER = "tests/data/depots"


@dataclass
class Sample:
    path: str
    persons: dict[str, str] = field(default_factory=dict)  # reference: person, as in the generator's manifest
    faults: int = 0


SAMPLES = [
    Sample("cnaf/RSABEM-ouvert.xml", {"208956400000000": "BULLOCK|ETA|1973-07-21"}),
    # The first row is for "CD 26", which this network does not know; the last one lacks a cell.
    Sample("csv/import_beneficiaires.csv", {"12345": "Fondue|Charlie|1997-04-22", "123456": "fondue|charlie|1997-04-22"}, 2),
    # Two bad dates; the third row stands in the file before, and says nothing new.
    Sample("csv/import_beneficiaires_buggy.csv", {}, 2),
    Sample("csv/i03300c.j.extract_spie_carnet_spie_carnet_de_bord_principal.csv", {
        "71288a46-3c4d-4372-9298-c32936d7e76d": "TIFOUR|SOPHIE|1982-02-01",
        "63e09252-fc80-409d-9617-cb8d7aeb620c": "DORSEY|HENDRIX|1976-12-18",
        "1f2be3bf-4b71-4ed9-bc7d-83706364d6e4": "GAL|MARTIN|1978-03-23",
        "9cf3e10e-8894-4527-ace3-40c30a65fdc7": "SKINNER|EDWINA|1973-05-14",
    }),
    Sample("csv/beneficiaires_en_attente.csv", {"4e6157e1-c2ef-48a6-a05c-8d3bda831169": "Henderson|Myrna|1999-12-08"}),
    # To another structure, "Groupe NS", which this network does not know; the other two concern nobody outside.
    Sample("csv/import_reorientation_change_structure.csv", {}, 1),
    Sample("csv/import_reorientation_change_referent.csv"),
    Sample("csv/import_reorientation_deactivate_referent.csv"),
]
