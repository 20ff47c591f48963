"""The Python SDK passes the protocol's test vectors (tests/data/vectors), and these are what their makers give."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from google.protobuf import json_format

from relais.envelope_rules import check_submission
from relais.frames import check_hello, read_adapter_frame, read_broker_frame
from relais.ids import named_id
from relais.keys import read_key_file
from relais.network import Network, Pins
from relais.refusal import Refusal
from relais.refusal_catalogue import CATALOGUE
from relais.sealing import SealedContent, agree, digest, open_compartment
from relais.signing import sign, verifies
from relais.v1 import envelope_pb2, frames_pb2, network_pb2, refusal_pb2

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "data" / "vectors"


def load(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


class Vectors(unittest.TestCase):
    def each(self, vectors, check):
        self.assertTrue(vectors)
        for vector in vectors:
            with self.subTest(vector["name"]):
                check(vector)

    def expect(self, vector, call):
        """The result of `call`, when the vector says that there is one."""
        expected = vector["expect"]
        if "code" not in expected:
            return call()
        with self.assertRaises(Refusal) as no:
            call()
        self.assertEqual((no.exception.code, no.exception.field), (expected["code"], expected["field"]))
        return None


class Made(unittest.TestCase):
    def test_the_files_are_what_their_makers_give(self):
        done = subprocess.run([sys.executable, "-B", HERE / "make.py", "--check"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Frames(Vectors):
    def parsed(self, vector, read, kind):
        frame = self.expect(vector, read)
        if frame is not None:
            frame.DiscardUnknownFields()
            self.assertEqual(frame, json_format.ParseDict(vector["expect"]["json"], kind()))

    def test_of_adapters(self):
        def check(vector):
            data = bytes.fromhex(vector["frame"])
            self.parsed(vector, lambda: read_adapter_frame(data, vector["frame_bytes_max"]), frames_pb2.AdapterFrame)

        self.each(load("frames.json")["adapter_frames"], check)

    def test_of_brokers(self):
        def check(vector):
            self.parsed(vector, lambda: read_broker_frame(bytes.fromhex(vector["frame"])), frames_pb2.BrokerFrame)

        self.each(load("frames.json")["broker_frames"], check)

    def test_hellos(self):
        def check(vector):
            self.expect(vector, lambda: check_hello(frames_pb2.Hello.FromString(bytes.fromhex(vector["hello"]))))

        self.each(load("frames.json")["hellos"], check)


class Envelopes(Vectors):
    def test_submissions(self):
        vectors = load("envelopes.json")
        def check(vector):
            submit = frames_pb2.Submit.FromString(bytes.fromhex(vector["submit"]))
            self.expect(vector, lambda: check_submission(submit, vectors["now_ms"]))

        self.each(vectors["submissions"], check)


class Sealing(Vectors):
    def test_seals_to_the_byte(self):
        def check(vector):
            draws = iter(map(bytes.fromhex, vector["draws"]))
            message_id = bytes.fromhex(vector["message_id"])
            sealed = SealedContent(message_id, vector["category"], bytes.fromhex(vector["content"]), lambda count: next(draws))
            for recipient in vector["recipients"]:
                shared = agree(bytes.fromhex(vector["secret"]), bytes.fromhex(recipient["public"]))
                sealed.add_wrap(recipient["recipient"], recipient["recipient_key"], vector["sender_key"], shared)
            data = sealed.compartment.SerializeToString()
            self.assertEqual(data.hex(), vector["compartment"])
            self.assertEqual(digest(data).hex(), vector["digest"])

        self.each(load("sealing.json")["seal"], check)

    def test_opens(self):
        def check(vector):
            compartment = envelope_pb2.Compartment.FromString(bytes.fromhex(vector["compartment"]))
            shared = agree(bytes.fromhex(vector["secret"]), bytes.fromhex(vector["public"]))
            content = self.expect(vector, lambda: open_compartment(
                compartment, bytes.fromhex(vector["message_id"]), compartment.wraps[vector["wrap"]], shared))
            if content is not None:
                self.assertEqual(content.hex(), vector["expect"]["content"])

        self.each(load("sealing.json")["open"], check)

    def test_agrees_with_no_weak_key(self):
        for public in load("sealing.json")["weak_public_keys"]:
            with self.subTest(public), self.assertRaises(Refusal) as no:
                agree(bytes(range(32)), bytes.fromhex(public))
            self.assertEqual(no.exception.code, "key.invalid")


class Signatures(Vectors):
    def test_signs(self):
        def check(vector):
            made = sign(bytes.fromhex(vector["seed"]), vector["domain"].encode(), bytes.fromhex(vector["bytes"]))
            self.assertEqual(made.hex(), vector["signature"])
            self.assertTrue(verifies(bytes.fromhex(vector["public"]), vector["domain"].encode(), bytes.fromhex(vector["bytes"]), made))

        self.each(load("signatures.json")["sign"], check)

    def test_verifies(self):
        def check(vector):
            public, data, signature = (bytes.fromhex(vector[part]) for part in ("public", "bytes", "signature"))
            self.assertEqual(verifies(public, vector["domain"].encode(), data, signature), vector["verifies"])

        self.each(load("signatures.json")["verify"], check)

    def networks(self):
        vectors = load("signatures.json")
        pins = vectors["pins"]
        pins = Pins(pins["network"], bytes.fromhex(pins["authority_public_key"]), bytes.fromhex(pins["broker_public_key"]))
        return vectors, lambda one: Network.verify(
            network_pb2.SignedNetwork.FromString(bytes.fromhex(one["signed_network"])), pins)

    def test_of_the_network(self):
        vectors, read = self.networks()
        def check(vector):
            network = self.expect(vector, lambda: read(vector))
            if network is not None:
                self.assertEqual(network.version, vector["expect"]["version"])

        self.each(vectors["networks"], check)

    def test_which_keys_count(self):
        vectors, read = self.networks()
        network = read(vectors["networks"][0])
        def check(vector):
            found = network.signing_key(vector["institution"], vector["signing_key"], vector["at_ms"])
            self.assertEqual((found or b"").hex(), vector["key"])

        self.each(vectors["keys_that_count"]["signing"], check)
        def check(vector):
            found = network.current_sealing_key(vector["institution"], vector["at_ms"])
            self.assertEqual(found.id if found else "", vector["key_id"])

        self.each(vectors["keys_that_count"]["sealing"], check)

    def test_key_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.key"
            def check(vector):
                path.write_bytes(vector["text"].encode())
                os.chmod(path, 0o600)
                key = self.expect(vector, lambda: read_key_file(path))
                if key is not None:
                    self.assertEqual({"use": key.use, "id": key.id, "public": key.public.hex()}, vector["expect"])

            self.each(load("signatures.json")["key_files"], check)

    def test_named_ids(self):
        for vector in load("signatures.json")["named_ids"]:
            self.assertEqual(named_id(vector["scope"], vector["name"]).hex(), vector["id"])


class Refusals(unittest.TestCase):
    def test_the_catalogue(self):
        known = {code: entry._asdict() for code, entry in CATALOGUE.items()}
        self.assertEqual(known, load("refusals.json")["catalogue"])

    def test_sentences(self):
        for vector in load("refusals.json")["sentences"]:
            with self.subTest(vector["english"]):
                refusal = Refusal(vector["code"], vector["field"], **vector["facts"])
                self.assertEqual((refusal.english, refusal.french), (vector["english"], vector["french"]))
                wire = refusal.to_wire(bytes.fromhex(vector["message_id"]))
                self.assertEqual(wire.SerializeToString().hex(), vector["wire"])
                self.assertEqual(refusal_pb2.Refused.FromString(bytes.fromhex(vector["wire"])), wire)


if __name__ == "__main__":
    unittest.main()
