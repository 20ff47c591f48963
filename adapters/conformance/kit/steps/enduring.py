"""Nonsense on the line, and much at once."""

import math
import os
import time

from kit.flood import cut
from kit.network import OURS, text
from kit.promise import step
from relais.v1 import frames_pb2


@step("4", "A frame from the broker that can not be read ends no more than the connection.")
def bears_malformed_frames(world):
    world.broker.behaviour.cut = True
    for parts in ([os.urandom(100)], [b"\xff" * 40], [b""], [b"one", b"two"], [b"\x0a\xff\xff\xff\xff\x0f"]):
        world.wait_for_session()
        world.broker.say_parts(parts)
        time.sleep(0.3)
        world.expect(world.adapter.running, "the adapter ended")
        # It may keep the session or connect anew: both end with a delivery.
        world.settled(world.post())


@step("15", "A frame beyond every limit ends no more than the connection.")
def bears_oversized_frames(world):
    world.broker.behaviour.cut = True
    world.broker.say_parts([frames_pb2.BrokerFrame(session=world.broker.session.number,
                                                   pong=frames_pb2.Pong()).SerializeToString()
                            + b"\xca\x3e" + _varint(12 << 20) + bytes(12 << 20)])
    world.settled(world.post())
    world.expect(world.adapter.running, "the adapter ended")


@step("4", "Entries that make no sense in a session are ignored: receipts, answers and refusals that nobody asked for.")
def bears_answers_without_a_question(world):
    world.broker.say(receipts=[frames_pb2.Receipt(), frames_pb2.Receipt(message_id=b"short")],
                     answers=[frames_pb2.Answer(query_id=1 << 60)], pong=frames_pb2.Pong())
    world.broker.say(session=1 << 40, deliveries=[frames_pb2.Deliver(delivery_id=7)])
    world.settled(world.post())


@step("6", "Many records handed over at once are all submitted, each once.")
def submits_many(world):
    tokens = world.hand_over(max(world.flood // 25, 20))
    world.answered(tokens)
    seen = [one.token for one in list(world.broker.submissions.values()) if one.token in set(tokens)]
    world.expect(len(seen) == len(tokens), f"{len(seen) - len(tokens)} records were submitted as more than one message")


@step("7", "A flood: everything that waits is taken as far as credit goes, and each record reaches the software once.")
def bears_a_flood(world):
    letters, note = world.post_flood(), None
    if not world.settled(letters, within_s=world.longest_s if world.software.can_alone() else math.inf):
        letters, note = cut(world, letters)
    world.in_software(letters)
    for kind in world.messages.says:
        world.wait(lambda kind=kind: world.follow_up(letters[-1], kind), f"{kind} for the last one")
    return note


@step("8", "A case that is put off in a flood waits alone.")
def one_case_waits_alone(world):
    letter = world.partner.request(world.token())
    stuck = world.partner.resigned(letter, lambda envelope: setattr(envelope, "signing_key", "signing-99"))
    letters = [world.partner.request(token) for token in world.tokens(min(200, max(world.flood // 2, 20)))]
    half = len(letters) // 2
    world.broker.post([*letters[:half], stuck, *letters[half:]])
    world.settled(letters)
    world.expect(stuck.verdict in ("", "retry"), "the one that can not be verified was not put off")
    world.broker.withdraw([stuck])


@step("5", "The broker goes and comes five times in a minute, with traffic both ways; nothing is lost or doubled.")
def bears_a_restless_broker(world):
    letters, tokens = [], []
    for _ in range(5):
        letters += world.post(20)
        tokens += world.hand_over(5)
        world.broker.break_off()
        world.wait_for_session()
    world.settled(letters)
    world.in_software(letters)
    world.answered(tokens)


@step("11", "Names of persons and secret keys stand in no output of the adapter.")
def says_nothing_about_anybody(world):
    world.settled(world.post())
    output = world.adapter.log.read_bytes()
    world.expect(world.watch.mark not in output, "a family name stands in its output")
    for keys in world.network.keys[OURS].values():
        for key in keys:
            world.expect(text(key.secret).encode() not in output and key.secret not in output, "a secret key stands in its output")


def _varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])
