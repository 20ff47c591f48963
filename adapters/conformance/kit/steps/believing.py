"""Whom the adapter believes: forged, damaged, renewed and retired keys."""

from kit.network import OTHER, OURS, PARTNER
from kit.promise import NotAsked, step
from relais.signing import ENVELOPE_DOMAIN, sign
from relais.v1 import envelope_pb2, frames_pb2


@step("11", "A wrong signature: reject. The software never sees the message.")
def rejects_a_forged_signature(world):
    letter = world.partner.request(world.token())
    letter.signature = sign(world.network.latest(OTHER, "signing").secret, ENVELOPE_DOMAIN, letter.envelope)
    _rejected(world, letter)


@step("11", "An envelope that was changed after it was signed: reject.")
def rejects_a_changed_envelope(world):
    letter = world.partner.request(world.token())
    letter.envelope = letter.envelope.replace(b"access_to_rights", b"access_to_riches")
    _not_believed(world, letter)


@step("7", "A compartment that has not its digest: reject.")
def rejects_other_compartments(world):
    letter, other = (world.partner.request(token) for token in world.tokens(2))
    letter.compartments = other.compartments
    _rejected(world, letter)


@step("7", "Fewer compartments than digests that name us: reject.")
def rejects_missing_compartments(world):
    letter = world.partner.request(world.token())
    letter.compartments = []
    _rejected(world, letter)


@step("11", "A compartment that was sealed for another message does not open: reject.")
def rejects_what_was_sealed_for_another_message(world):
    _rejected(world, world.partner.request(world.token(), sealed_as=bytes(range(1, 17))))


@step("7", "A delivery for an institution that the adapter does not serve is not acknowledged.")
def does_not_take_what_is_for_others(world):
    letter = world.partner.request(world.token())
    letter.recipient = OTHER
    _not_believed(world, letter)


@step("7", "A delivery with contents for us, whose envelope names only others, is not acknowledged.")
def does_not_take_what_does_not_name_us(world):
    letter = world.partner.request(world.token())
    changed = world.partner.resigned(letter, lambda envelope: envelope.recipients.__setitem__(0, OTHER))
    _not_believed(world, changed)


@step("11", "A key that is not in the definition: the newest is fetched, then retry; never acknowledged, never believed.")
def asks_about_an_unknown_key(world):
    asked = world.broker.network_asked
    letter = world.partner.request(world.token())
    changed = world.partner.resigned(letter, lambda envelope: setattr(envelope, "signing_key", "signing-99"))
    world.broker.post([changed])
    world.settled([changed], "retry")
    world.wait(lambda: world.broker.network_asked > asked, "the query for the newest definition")
    world.never(lambda: changed.verdict == "acknowledge", "it was acknowledged")
    world.not_in_software([changed])
    world.broker.withdraw([changed])


@step("11", "A partner signs with a new key: it counts from the definition that names it.")
def follows_a_new_signing_key(world):
    world.network.renew(PARTNER, "signing")
    letters = world.post()
    world.settled(letters)
    world.in_software(letters)


@step("11", "A partner's new sealing key is the one to seal with, from the Notice on.")
def seals_with_the_newest_key(world):
    key, asked = world.network.renew(PARTNER, "sealing"), world.broker.network_asked
    world.broker.say(notice=frames_pb2.Notice(network_version=world.network.version))
    world.wait(lambda: world.broker.network_asked > asked, "the query for the new definition")
    # What is sealed in the meantime may still use the key before.
    world.settled(world.post())
    letters = world.post()
    world.in_software(letters)
    made = [world.submitted(world.hand_over()[0])]
    made += [world.wait(lambda kind=kind: world.follow_up(letters[0], kind), kind) for kind in world.messages.says]
    used = {_wrap_key(data) for one in made for data in frames_pb2.Submit.FromString(one.data).compartments}
    if not used:
        raise NotAsked("nothing that the adapter submits has contents")
    world.expect(used == {key.id}, f"sealed with {', '.join(sorted(used))}, the newest is {key.id}")


@step("2", "A retired sealing key of the institution still opens what was sealed for it.")
def opens_with_a_retired_key(world):
    letters = world.post(sealed_for=world.network.keys[OURS]["sealing"][0].id)
    world.settled(letters)
    world.in_software(letters)


@step("12", "A definition of an older version is not taken, also after a restart.")
def keeps_the_newest_network(world):
    old = world.network.signed()
    world.network.renew(PARTNER, "signing")
    world.settled(world.post())  # now the new definition is the adapter's
    world.broker.behaviour.signed = lambda: old
    world.broker.behaviour.network_version = world.network.version - 1
    world.restart()
    letters = world.post()
    world.settled(letters)
    world.in_software(letters)


@step("12", "A definition of another network is not taken.")
def keeps_to_its_network(world):
    world.network.renew(PARTNER, "signing")
    world.broker.behaviour.signed = lambda: world.network.signed(network="elsewhere")
    letters = world.post()
    world.settled(letters, "retry")
    world.not_in_software(letters)
    world.broker.behaviour.signed = None
    world.settled(letters)
    world.in_software(letters)


def _rejected(world, letter) -> None:
    world.broker.post([letter])
    world.settled([letter], "reject")
    world.expect(bool(letter.reason), "without a reason")
    world.not_in_software([letter])


def _not_believed(world, letter) -> None:
    """Rejected or put off: never acknowledged."""
    world.broker.post([letter])
    world.wait(lambda: letter.verdict, "a settlement")
    world.never(lambda: letter.verdict == "acknowledge", "it was acknowledged")
    world.not_in_software([letter])
    world.broker.withdraw([letter])


def _wrap_key(compartment: bytes) -> str:
    return next(one.recipient_key for one in envelope_pb2.Compartment.FromString(compartment).wraps if one.recipient == PARTNER)
