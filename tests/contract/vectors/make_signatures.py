"""signatures.json: signatures of envelopes and of the network definition, key files, and ids that follow from a name."""

import base64

from make_common import CAF, CCAS, NOW_MS, SEALING, SIGNING, digest, draw, refused, sealing_public, sign, signing_public
from make_envelopes import envelope
from relais.v1 import network_pb2

ENVELOPE, NETWORK = b"relais.v1.envelope", b"relais.v1.network"
BROKER_KEY = draw("broker's transport key")
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group of Ed25519


def signed(name, domain, data):
    return {"name": name, "domain": domain.decode(), "seed": SIGNING[CCAS].hex(), "public": signing_public(SIGNING[CCAS]).hex(),
            "bytes": data.hex(), "signature": sign(SIGNING[CCAS], domain, data).hex()}


def checks():
    data = envelope().SerializeToString()
    good = sign(SIGNING[CCAS], ENVELOPE, data)
    scalar = int.from_bytes(good[32:], "little") + ORDER

    def check(name, verifies, signature=good, domain=ENVELOPE, signer=CCAS, signed_bytes=data):
        return {"name": name, "domain": domain.decode(), "public": signing_public(SIGNING[signer]).hex(),
                "bytes": signed_bytes.hex(), "signature": signature.hex(), "verifies": verifies}

    return [
        check("good", True),
        check("by another institution", False, signer=CAF),
        check("of another domain", False, domain=NETWORK),
        check("a byte more", False, signed_bytes=data + b"\0"),
        check("a byte less", False, signed_bytes=data[:-1]),
        check("a bit turned in the envelope", False, signed_bytes=bytes([data[0] ^ 1]) + data[1:]),
        check("a bit turned in the signature", False, signature=good[:10] + bytes([good[10] ^ 1]) + good[11:]),
        check("the same with the order added: a second form is none", False, signature=good[:32] + scalar.to_bytes(32, "little")),
        check("zeros", False, signature=bytes(64)),
        check("63 bytes", False, signature=good[:63]),
        check("65 bytes", False, signature=good + b"\0"),
        check("none", False, signature=b""),
    ]


def definition(**fields):
    made = network_pb2.NetworkDefinition(
        network="besancon", name="Besançon", version=7, signed_at_ms=NOW_MS,
        broker=network_pb2.BrokerIdentity(transport_key=BROKER_KEY, signing_key=network_pb2.PublicKey(
            id="broker-1", key=signing_public(SIGNING["relais"]))))
    made.institutions.add(
        id=CCAS, name="CCAS de Besançon", kind="ccas", mission="social_action",
        signing_keys=[network_pb2.PublicKey(id="signing-1", key=signing_public(SIGNING[CCAS]), valid_from_ms=NOW_MS - 1_000,
                                            valid_until_ms=NOW_MS + 1_000)],
        sealing_keys=[network_pb2.PublicKey(id=f"sealing-{number}", key=draw(f"sealing public {number}"), valid_from_ms=begin)
                      for number, begin in ((1, 0), (2, NOW_MS - 5), (3, NOW_MS + 5))])
    made.MergeFrom(network_pb2.NetworkDefinition(**fields))
    return made.SerializeToString()


def networks():
    def network(name, expect, data=None, signer="authority", domain=NETWORK, signature=None):
        data = definition() if data is None else data
        made = network_pb2.SignedNetwork(definition=data, signature=signature or sign(SIGNING[signer], domain, data))
        return {"name": name, "signed_network": made.SerializeToString().hex(), "expect": expect}

    other_broker = network_pb2.BrokerIdentity(transport_key=draw("another broker"))
    untrusted = refused("network.signature", "signature")
    no_version = network_pb2.NetworkDefinition.FromString(definition())
    no_version.version = 0
    return [
        network("good", {"version": 7}),
        network("signed by a stranger", untrusted, signer="stranger"),
        network("signed as an envelope", untrusted, domain=ENVELOPE),
        network("not signed", untrusted, signature=bytes(64)),
        network("of another network", refused("network.invalid", "network"), definition(network="dijon")),
        network("of another broker", refused("network.invalid", "broker.transport_key"), definition(broker=other_broker)),
        network("without a version", refused("network.invalid", "version"), no_version.SerializeToString()),
        network("not readable", refused("network.invalid", "definition"), b"\xff\xff"),
    ]


def key_lookups():
    """In the good network: whose key counts when. The time of sending decides; the first instant counts, the last does not."""
    def signing(name, institution, key_id, at_ms, key):
        return {"name": name, "institution": institution, "signing_key": key_id, "at_ms": at_ms, "key": key.hex()}

    mine = signing_public(SIGNING[CCAS])
    return {
        "signing": [
            signing("its first instant", CCAS, "signing-1", NOW_MS - 1_000, mine),
            signing("before", CCAS, "signing-1", NOW_MS - 1_001, b""),
            signing("its last instant", CCAS, "signing-1", NOW_MS + 999, mine),
            signing("its end", CCAS, "signing-1", NOW_MS + 1_000, b""),
            signing("another id", CCAS, "signing-2", NOW_MS, b""),
            signing("the broker's", "relais", "broker-1", 0, signing_public(SIGNING["relais"])),
            signing("the broker's id elsewhere", CCAS, "broker-1", NOW_MS, b""),
            signing("an institution that is not there", CAF, "signing-1", NOW_MS, b""),
        ],
        "sealing": [
            {"name": "the one that began last", "institution": CCAS, "at_ms": NOW_MS, "key_id": "sealing-2"},
            {"name": "when only the first had begun", "institution": CCAS, "at_ms": NOW_MS - 6, "key_id": "sealing-1"},
            {"name": "when the third begins", "institution": CCAS, "at_ms": NOW_MS + 5, "key_id": "sealing-3"},
            {"name": "of nobody", "institution": CAF, "at_ms": NOW_MS, "key_id": ""},
        ],
    }


def key_files():
    base64_of = lambda data: base64.b64encode(data).decode()
    public, secret = base64_of(signing_public(SIGNING[CCAS])), base64_of(SIGNING[CCAS])
    lines = ['relais-key = "1"', 'use = "signing"', 'id = "signing-1"', f'public = "{public}"', f'secret = "{secret}"']

    def file(name, text, expect=None, use="signing", data=None):
        good = {"use": use, "id": f"{use}-1", "public": (data or signing_public(SIGNING[CCAS])).hex()}
        return {"name": name, "text": text, "expect": expect or good}

    def changed(name, at, line, field):
        return file(name, "\n".join([*lines[:at], *line, *lines[at + 1:]]) + "\n", refused("key.invalid", field))

    sealing = base64_of(sealing_public(SEALING[CCAS]))
    sealing_lines = ['relais-key = "1"', 'use = "sealing"', 'id = "sealing-1"', f'public = "{sealing}"',
                     f'secret = "{base64_of(SEALING[CCAS])}"']
    transport_lines = [line.replace("sealing", "transport") for line in sealing_lines[:3]] + sealing_lines[3:]
    whole = "\n".join(lines) + "\n"
    return [
        file("as it is written", "# Secret key of Relais. Keep it readable by its owner only.\n" + whole),
        file("in another order, with empty lines", "\n\n".join(reversed(lines))),
        file("with line ends of Windows", whole.replace("\n", "\r\n")),
        file("for sealing", "\n".join(sealing_lines), use="sealing", data=sealing_public(SEALING[CCAS])),
        file("for transport", "\n".join(transport_lines), use="transport", data=sealing_public(SEALING[CCAS])),
        changed("of another version", 0, ['relais-key = "2"'], "line 1"),
        changed("for another use", 1, ['use = "smoking"'], "line 2"),
        changed("without an id", 2, ['id = ""'], "line 3"),
        changed("with a public half that is too short", 3, [f'public = "{base64_of(bytes(31))}"'], "line 4"),
        changed("with a public half of another", 3, [f'public = "{base64_of(bytes(32))}"'], "line 4"),
        changed("with a secret that is no base64", 4, [f'secret = "{secret[:-1]}*"'], "line 5"),
        changed("with a secret without padding", 4, [f'secret = "{secret.rstrip("=")}"'], "line 5"),
        changed("without quotes", 2, ["id = signing-1"], "line 3"),
        changed("with a line twice", 2, [lines[2], lines[2]], "line 4"),
        changed("without a use", 1, [], ""),
        changed("with a sixth line", 1, [lines[1], 'owner = "ccas"'], ""),
        file("empty", "", refused("key.invalid", "")),
        file("longer than a key file", "#" * 5_000 + "\n" + whole, refused("key.invalid", "")),
    ]


def make():
    names = [("greeter", "caf-25"), ("", ""), ("é", "accentué"), ("a", "bc"), ("ab", "c"), ("files ccas-25056", "x" * 300)]
    return {
        "sign": [signed("an envelope", ENVELOPE, envelope().SerializeToString()), signed("nothing", ENVELOPE, b""),
                 signed("a definition", NETWORK, definition())],
        "verify": checks(),
        "pins": {"network": "besancon", "authority_public_key": signing_public(SIGNING["authority"]).hex(),
                 "broker_public_key": BROKER_KEY.hex()},
        "networks": networks(),
        "keys_that_count": key_lookups(),
        "key_files": key_files(),
        "named_ids": [{"scope": scope, "name": name, "id": named_id(scope, name).hex()} for scope, name in names],
    }


def named_id(scope, name):
    scope = scope.encode()
    text = b"relais.sdk.named_id/" + str(len(scope)).encode() + b"/" + scope + name.encode()
    return digest(text)[:16]
