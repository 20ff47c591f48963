"""sealing.json: compartments that must come out byte for byte when the draws are these, and what opens and what does not."""

from make_common import CAF, CCAS, CPAM, SEALING, digest, draw, refused, seal, sealing_public
from relais.v1 import content_pb2, envelope_pb2

IDENTITY, HEALTH, NIR = 1, 7, 11


def party(name, key_id="sealing-1"):
    return {"recipient": name, "recipient_key": key_id, "public": sealing_public(SEALING[name]).hex()}


def sealed(name, category, content, *recipients):
    message_id, key, nonce = draw(f"{name} message", 16), draw(f"{name} key"), draw(f"{name} nonce", 24)
    wrap_nonces = [draw(f"{name} wrap {one}", 24) for one in recipients]
    wraps = [(one, "sealing-1", "sealing-2026", SEALING[CCAS], sealing_public(SEALING[one]), wrap_nonce)
             for one, wrap_nonce in zip(recipients, wrap_nonces)]
    data = seal(message_id, category, content, key, nonce, wraps).SerializeToString()
    return {
        "name": name, "message_id": message_id.hex(), "category": category, "content": content.hex(),
        "sender_key": "sealing-2026", "secret": SEALING[CCAS].hex(), "recipients": [party(one) for one in recipients],
        "draws": [key.hex(), nonce.hex(), *(one.hex() for one in wrap_nonces)],
        "compartment": data.hex(), "digest": digest(data).hex(),
    }


def opening(name, compartment, message_id, content=None, expect=None, reader=CAF, sender=CCAS, wrap=0):
    return {
        "name": name, "compartment": compartment.SerializeToString().hex(), "message_id": message_id.hex(), "wrap": wrap,
        "secret": SEALING[reader].hex(), "public": sealing_public(SEALING[sender]).hex(),
        "expect": expect or {"content": content.hex()},
    }


def openings():
    person = content_pb2.Identity(family_name="Exemple", given_names="Camille").SerializeToString()
    vector = sealed("opened", IDENTITY, person, CAF, CPAM)
    message_id = bytes.fromhex(vector["message_id"])

    def changed(change=lambda one: None):
        compartment = envelope_pb2.Compartment.FromString(bytes.fromhex(vector["compartment"]))
        change(compartment)
        return compartment

    def turned(part, field, at=0):
        data = bytearray(getattr(part, field))
        data[at] ^= 1
        setattr(part, field, bytes(data))

    shut = refused("compartment.does_not_open")
    malformed = lambda field: refused("compartment.malformed", field)
    return [
        opening("by its first recipient", changed(), message_id, person),
        opening("by its second recipient", changed(), message_id, person, reader=CPAM, wrap=1),
        opening("by another institution", changed(), message_id, expect=shut, reader=CPAM),
        opening("as if from another sender", changed(), message_id, expect=shut, sender=CPAM),
        opening("as part of another message", changed(), draw("another message", 16), expect=shut),
        opening("as another category", changed(lambda one: setattr(one, "category", HEALTH)), message_id, expect=shut),
        opening("with a bit turned in the ciphertext", changed(lambda one: turned(one, "ciphertext")), message_id, expect=shut),
        opening("with a bit turned in the tag", changed(lambda one: turned(one, "ciphertext", -1)), message_id, expect=shut),
        opening("with another nonce", changed(lambda one: turned(one, "nonce")), message_id, expect=shut),
        opening("with a bit turned in the sealed key", changed(lambda one: turned(one.wraps[0], "sealed_key", 40)), message_id,
                expect=shut),
        opening("with another wrap's nonce", changed(lambda one: turned(one.wraps[0], "nonce")), message_id, expect=shut),
        opening("without a category", changed(lambda one: one.ClearField("category")), message_id, expect=malformed("category")),
        opening("of a later category", changed(lambda one: setattr(one, "category", 77)), message_id, expect=malformed("category")),
        opening("with a short nonce", changed(lambda one: setattr(one, "nonce", bytes(23))), message_id, expect=malformed("nonce")),
        opening("with a short ciphertext", changed(lambda one: setattr(one, "ciphertext", bytes(15))), message_id,
                expect=malformed("ciphertext")),
        opening("with a short wrap's nonce", changed(lambda one: setattr(one.wraps[0], "nonce", bytes(12))), message_id,
                expect=malformed("wraps.nonce")),
        opening("with a long sealed key", changed(lambda one: setattr(one.wraps[0], "sealed_key", bytes(49))), message_id,
                expect=malformed("wraps.sealed_key")),
    ]


def make():
    person = content_pb2.Identity(family_name="Exemple", given_names="Camille", birth_date="1990-01-31")
    return {
        "seal": [
            sealed("for one", IDENTITY, person.SerializeToString(), CAF),
            sealed("for two", HEALTH, content_pb2.Health(coverage="régime général").SerializeToString(), CAF, CPAM),
            sealed("nothing", IDENTITY, b"", CAF),
            sealed("the number alone", NIR, content_pb2.Nir(number="190012505612345").SerializeToString(), CPAM),
            sealed("a long note", 10, content_pb2.Note(text="Un mot. " * 300).SerializeToString(), CAF),
        ],
        "open": openings(),
        # Public keys of small order: agreeing with one would give a key that anybody knows.
        "weak_public_keys": [bytes(32).hex(), (b"\x01" + bytes(31)).hex()],
    }
