"""The session: how it begins, lives, ends and begins again."""

import os
import time

from kit.broker import LIMITS, refused
from kit.network import PARTNER, new_key
from kit.promise import step
from relais.v1 import frames_pb2


@step("12", "A new adapter asks for the network definition, and grants no credit before one that the authority signed.", fresh=True)
def believes_nothing_before_the_network(world):
    stranger = new_key("signing", "stranger")
    world.broker.behaviour.signed = lambda: world.network.signed(by=stranger)
    world.start()
    world.wait(lambda: world.broker.network_asked, "the query for the network definition")
    world.never(lambda: world.broker.session and world.broker.session.granted, "credit on the word of a stranger", 3)
    world.broker.behaviour.signed = None
    world.broker.say(notice=frames_pb2.Notice(network_version=world.network.version))
    world.wait_for_session()


@step("5", "Something is said at least every heartbeat_ms.")
def keeps_talking(world):
    world.wait_for_session()
    before, session = world.broker.pings, world.broker.session
    time.sleep(3 * LIMITS["heartbeat_ms"] / 1_000)
    quiet_s = time.monotonic() - session.heard
    world.expect(world.broker.session is session, "the session did not last")
    world.expect(world.broker.pings > before, "no Ping in three heartbeats without anything else to say")
    world.expect(quiet_s * 1_000 <= 2 * LIMITS["heartbeat_ms"], f"{quiet_s:.1f} s without a word")


@step("5", "session.unknown means: say Hello again.")
def says_hello_again(world):
    before = world.broker.sessions
    world.broker.forget_session()
    world.wait_for_session(before)


@step("5", "session.unknown in a frame that carries the present session speaks of an older frame and is ignored.")
def ignores_what_speaks_of_the_past(world):
    before = world.broker.sessions
    world.broker.say(refusals=[refused("session.unknown", retry=True)])
    world.never(lambda: world.broker.sessions != before, "it said Hello again")


@step("5", "When the connection breaks, it is made anew.")
def connects_again(world):
    before = world.broker.sessions
    world.broker.break_off()
    world.wait_for_session(before)


@step("5", "When nothing is heard for silence_ms although Ping was sent, the socket is closed and connected anew.")
def leaves_a_silent_broker(world):
    hellos = len(world.broker.hellos)
    world.broker.behaviour.mute = True
    world.wait(lambda: len(world.broker.hellos) > hellos, "a new Hello",
               world.broker.silence_s + world.patience_s)
    world.broker.behaviour.mute = False
    world.broker.forget_session()
    world.wait_for_session()


@step("5", "Without an answer to Hello within 5 s the socket is closed and connected anew.")
def repeats_hello_on_a_new_socket(world):
    world.broker.break_off()
    world.broker.behaviour.mute = True
    hellos = len(world.broker.hellos)
    world.wait(lambda: len(world.broker.hellos) >= hellos + 2, "a second Hello", 15 + world.patience_s)
    world.broker.behaviour.mute = False
    world.wait_for_session(world.broker.sessions - 1)


@step("5", "A Hello refused with broker.overloaded is said again later.")
def bears_a_refused_hello(world):
    refusals = []

    def no():
        refusals.append(time.monotonic())
        return refused("broker.overloaded", retry=True, retry_after_ms=300) if len(refusals) < 3 else None

    before = world.broker.sessions
    world.broker.behaviour.on_hello = no
    world.broker.break_off()
    world.wait_for_session(before)
    world.expect(len(refusals) >= 3, "it gave up")


@step("12", "A newer definition counts when the authority signed it, and not before.")
def waits_for_a_signed_network(world):
    stranger, asked = new_key("signing", "stranger"), world.broker.network_asked
    world.network.renew(PARTNER, "signing")
    fresh = [world.partner.request(world.token())]
    world.broker.behaviour.signed = lambda: world.network.signed(by=stranger)
    world.broker.say(notice=frames_pb2.Notice(network_version=world.network.version))
    world.wait(lambda: world.broker.network_asked > asked, "the query for the new definition")
    world.broker.post(fresh)
    world.never(lambda: any(one.verdict == "acknowledge" for one in fresh),
                "a message under a key that only a forged definition names was acknowledged", 3)
    world.not_in_software(fresh)
    world.broker.behaviour.signed = None
    world.broker.say(notice=frames_pb2.Notice(network_version=world.network.version))
    world.settled(fresh)


@step("2", "A key file that others than its owner may read is refused.")
def refuses_open_key_files(world):
    world.stop()
    for path in world.key_files:
        os.chmod(path, 0o644)
    sessions = world.broker.sessions
    try:
        world.start()
        until = time.monotonic() + world.patience_s
        while world.adapter.running and world.broker.sessions == sessions and time.monotonic() < until:
            time.sleep(0.05)
        world.expect(world.broker.sessions == sessions, "it opened a session with a key file of mode 0644")
    finally:
        world.kill()
        for path in world.key_files:
            os.chmod(path, 0o600)


@step("adapters/conformance/README.md, The process", "SIGTERM ends the adapter, with exit code 0.")
def ends_when_told(world):
    code = world.stop()
    world.expect(code == 0, f"exit code {code}")
