"""The example of proto/README.md (18): every value follows from the first block. RELAIS_GOLDEN=record writes it anew."""

import os
import unittest
from pathlib import Path

import generated  # noqa: F401  (puts the generated messages on the path)
import nacl.signing
import nacl.public
from relais.v1 import common_pb2, content_pb2, envelope_pb2, frames_pb2, referral_pb2

import relais_crypto as crypto

README = Path(__file__).resolve().parents[3] / "proto" / "README.md"
BEGIN, END = "<!-- example -->\n", "<!-- end -->"


def counted(first: int, count: int) -> bytes:
    return bytes(range(first, first + count))


def key(use: str, key_id: str, first: int) -> crypto.Key:
    secret = counted(first, 32)
    if use == "signing":
        public = bytes(nacl.signing.SigningKey(secret).verify_key)
    else:
        public = bytes(nacl.public.PrivateKey(secret).public_key)
    return crypto.Key(use, key_id, public, secret)


def example():
    """Blocks of (title, [(name, bytes)])."""
    signing, sealing = key("signing", "signing-1", 0x00), key("sealing", "sealing-1", 0x20)
    theirs = key("sealing", "sealing-1", 0x40)
    message_id, case_id, referral_id = counted(0x60, 16), counted(0x70, 16), counted(0x80, 16)
    draws = {"compartment key": counted(0x90, 32), "compartment nonce": counted(0xB0, 24), "wrap nonce": counted(0xC8, 24)}

    person = content_pb2.Identity(family_name="Exemple", given_names="Camille", birth_date="1990-01-31")
    drawn = iter(draws.values())
    compartment = crypto.seal(message_id, common_pb2.CATEGORY_IDENTITY, person, sealing,
                              {"caf-25": (theirs.id, theirs.public)}, random=lambda count: next(drawn))
    sealed = compartment.SerializeToString()
    envelope = envelope_pb2.Envelope(
        version=1, message_id=message_id, sender="ccas-25056", recipients=["caf-25"], case_id=case_id,
        referral_id=referral_id, purpose="access_to_rights", priority=common_pb2.PRIORITY_ROUTINE,
        sent_at_ms=1_767_225_600_000, signing_key=signing.id,
        referral_requested=referral_pb2.ReferralRequested(commune="25056"))
    envelope.compartments.add(category=common_pb2.CATEGORY_IDENTITY, digest=crypto.digest(sealed), recipients=["caf-25"])
    data = envelope.SerializeToString()
    signature = crypto.sign(signing, crypto.ENVELOPE_DOMAIN, data)
    frame = frames_pb2.AdapterFrame(session=0x0102030405060708, submits=[
        frames_pb2.Submit(envelope=data, signature=signature, compartments=[sealed])])
    hello = frames_pb2.AdapterFrame(hello=frames_pb2.Hello(
        protocol_versions=[1], adapter="example", adapter_version="1", institutions=["ccas-25056"]))
    return [
        ("Drawn at random", [
            ("signing seed of ccas-25056", signing.secret), ("sealing secret of ccas-25056", sealing.secret),
            ("sealing secret of caf-25", theirs.secret), ("message_id", message_id), ("case_id", case_id),
            ("referral_id", referral_id), *draws.items()]),
        ("Keys", [
            ("signing public of ccas-25056", signing.public), ("sealing public of ccas-25056", sealing.public),
            ("sealing public of caf-25", theirs.public)]),
        ("The compartment: Identity{family_name \"Exemple\", given_names \"Camille\", birth_date \"1990-01-31\"}", [
            ("content", person.SerializeToString()), ("associated data", message_id + b"\x01"),
            ("ciphertext", compartment.ciphertext), ("sealed_key", compartment.wraps[0].sealed_key),
            ("Compartment", sealed), ("digest", crypto.digest(sealed))]),
        ("The envelope: purpose access_to_rights, priority routine, sent_at_ms 1767225600000, commune 25056", [
            ("Envelope", data), ("signature", signature)]),
        ("Frames, as they go into ZeroMQ", [
            ("Hello", hello.SerializeToString()), ("Submit, in session 0x0102030405060708", frame.SerializeToString())]),
    ]


def shown() -> str:
    text = ""
    for title, values in example():
        text += f"{title}:\n\n```\n"
        for name, value in values:
            digits = value.hex()
            lines = [digits[at:at + 96] for at in range(0, len(digits), 96)]
            text += f"{name} ({len(value)})\n" + "".join(f"    {line}\n" for line in lines)
        text += "```\n\n"
    return text


class Example(unittest.TestCase):
    def test_is_what_the_rules_give(self):
        page = README.read_text(encoding="utf-8")
        begin = page.index(BEGIN) + len(BEGIN)
        end = page.index(END, begin)
        if os.environ.get("RELAIS_GOLDEN") == "record":
            README.write_text(page[:begin] + shown() + page[end:], encoding="utf-8")
            return
        self.assertEqual(page[begin:end], shown())

    def test_opens_for_its_recipient_and_for_no_other_message(self):
        values = {name: value for _, block in example() for name, value in block}
        compartment = envelope_pb2.Compartment.FromString(values["Compartment"])
        wrap = compartment.wraps[0]
        secret, public = values["sealing secret of caf-25"], values["sealing public of ccas-25056"]
        person = crypto.open_compartment(compartment, values["message_id"], wrap, secret, public)
        self.assertEqual(person.family_name, "Exemple")
        with self.assertRaises(crypto.DoesNotOpen):
            crypto.open_compartment(compartment, values["case_id"], wrap, secret, public)
        self.assertTrue(crypto.verifies(values["signing public of ccas-25056"], crypto.ENVELOPE_DOMAIN,
                                        values["Envelope"], values["signature"]))


if __name__ == "__main__":
    unittest.main()
