"""Who an announcement is for: the institutions of its kinds and places. The same as in the C++ SDK."""

from relais.network import Network
from relais.territory import france
from relais.v1 import announcement_pb2, envelope_pb2, network_pb2


def name_audience(envelope: envelope_pb2.Envelope, network: Network, now_ms: int) -> None:
    """Names as recipients the institutions of the kinds and places in the body, in the order of the network definition,
    those that something can be sealed for; the sender is none of them. Who is there for a part of a place is there for it:
    a département for each EPCI that reaches into it, an arrondissement for its city. Who names no area is there for no
    place, and only gets what names none."""
    body = envelope.announcement_made
    everywhere = not (body.communes or body.epcis or body.departements)
    places = _where_people_live(body)
    for institution in network.definition.institutions:
        if institution.id == envelope.sender or (body.kinds and institution.kind not in body.kinds):
            continue
        if not network.current_sealing_key(institution.id, now_ms):
            continue
        if everywhere or not places.isdisjoint(_where_people_live(institution)):
            envelope.recipients.append(institution.id)


def _where_people_live(area: announcement_pb2.AnnouncementMade | network_pb2.Institution) -> set[str]:
    """In an area: communes of today, cities with their arrondissements, and arrondissements that it names alone."""
    territory = france()
    codes: set[str] = set()
    for code in area.communes:
        codes.add(code if territory.is_arrondissement(code) else territory.commune_today(code))
    for epci in area.epcis:
        codes |= territory.communes_in(epci=epci)
    for departement in area.departements:
        codes |= territory.communes_in(departement=departement)
    for city in tuple(codes):
        codes |= territory.arrondissements_of(city)
    return codes - {""}
