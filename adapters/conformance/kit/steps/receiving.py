"""From the broker to the software."""

from kit.broker import refused
from kit.promise import NotAsked, step


@step("7", "A delivery is verified, opened, made durable and acknowledged; the software gets it.")
def hands_on_what_is_delivered(world):
    letters = world.post()
    world.settled(letters)
    world.in_software(letters)


@step("10", "Once the software holds a referral, the adapter says referral_received.")
def says_that_it_was_received(world):
    if "referral_received" not in world.messages.says:
        raise NotAsked("the adapter receives no referrals")
    letter = world.post()[0]
    world.in_software([letter])
    world.wait(lambda: world.follow_up(letter, "referral_received"), "referral_received")


@step("7", "A message whose id is in the inbox already is acknowledged, and reaches the software no second time.")
def recognises_what_it_had(world):
    letters = world.post(3)
    world.settled(letters)
    again = [letter.again() for letter in letters]
    world.broker.post(again)
    world.settled(again)
    world.in_software(letters)


@step("17", "It recognises it after a restart, too.")
def remembers_what_it_had(world):
    letters = world.post(3)
    world.settled(letters)
    world.restart()
    again = [letter.again() for letter in letters]
    world.broker.post(again)
    world.settled(again)
    world.in_software(letters)


@step("7", "What was acknowledged is durable: killed at once, the adapter still brings it to the software.")
def acknowledges_what_is_durable(world):
    letters = world.post(20)
    world.wait(lambda: any(letter.verdict == "acknowledge" for letter in letters), "the first acknowledgement")
    world.kill()
    acknowledged = [letter for letter in letters if letter.verdict == "acknowledge"]
    world.broker.behaviour.deliver = False
    world.start()
    world.wait_for_session()
    world.in_software(acknowledged)
    world.broker.behaviour.deliver = True
    world.settled(letters)
    world.in_software(letters)


@step("5", "Deliveries end with their session; they come again, and each record reaches the software once.")
def bears_a_break_in_the_middle(world):
    letters = world.post(40)
    world.wait(lambda: any(letter.attempts for letter in letters), "the first delivery")
    for _ in range(3):
        world.broker.break_off()
        world.wait_for_session()
    world.settled(letters)
    world.in_software(letters)


@step("17", "Killed in the middle of deliveries, the adapter handles again what was not acknowledged, and nothing twice.")
def bears_being_killed_in_the_middle(world):
    letters = world.post(40)
    world.wait(lambda: any(letter.attempts for letter in letters), "the first delivery")
    for _ in range(2):
        world.restart()
    world.settled(letters)
    world.in_software(letters)


@step("8", "A message that can not be handled does not hold up other cases.")
def one_bad_message_stops_nobody(world):
    bad = world.partner.request(world.token())
    bad.compartments = [bytes(40)]
    good = [world.partner.request(world.token()) for _ in range(3)]
    world.broker.post([bad, *good])
    world.settled(good)
    world.in_software(good)
    world.broker.withdraw([bad])


@step("8", "Messages of different institutions are told apart and all taken.")
def takes_from_everybody(world):
    letters = [world.partner.request(world.token()), world.other.request(world.token())]
    world.broker.post(letters)
    world.settled(letters)
    world.in_software(letters)


@step("7", "Settling gives nothing back: credit is granted again, without end.")
def grants_again(world):
    session = world.broker.session
    first = max(session.granted, 1)
    letters = world.post(min(2 * first + 50, 1_100))
    world.settled(letters)
    world.in_software(letters)


@step("7", "delivery.unknown is harmless.")
def bears_an_unknown_delivery(world):
    before = world.broker.sessions
    world.broker.say(refusals=[refused("delivery.unknown")])
    world.settled(world.post())
    world.expect(world.broker.sessions == before, "the session did not last")


@step("16", "Fields of a later version are ignored.")
def ignores_unknown_fields(world):
    letter = world.partner.request(world.token())
    added = world.partner.resigned(letter, lambda envelope: envelope.MergeFromString(b"\xca\x3e\x03new"))
    world.broker.post([added])
    world.settled([added])
    world.in_software([added])
    with world.broker.changed:
        world.broker.say_parts([b"\xca\x3e\x03new"])
    world.settled(world.post())


@step("16", "A kind that the adapter does not know: retry with kind.unknown, never acknowledged.")
def does_not_acknowledge_what_it_does_not_understand(world):
    letter = world.partner.request(world.token())

    def of_a_later_kind(envelope):
        envelope.ClearField(envelope.WhichOneof("body"))
        envelope.MergeFromString(b"\xd2\x3e\x00")

    later = world.partner.resigned(letter, of_a_later_kind)
    world.broker.post([later])
    world.settled([later], "retry")
    world.expect(later.reason == "kind.unknown", f"the reason is {later.reason!r}")
    world.never(lambda: later.verdict == "acknowledge", "it was acknowledged")
    world.broker.withdraw([later])


@step("7", "While the software is away nothing is lost; it gets everything, once, when it is back.")
def bears_absent_software(world):
    world.software.down()
    try:
        letters = world.post(5)
        world.wait(lambda: all(letter.attempts for letter in letters), "the deliveries")
        world.never(lambda: not world.broker.session, "the session did not last", 3)
        world.restart()
    finally:
        world.software.up()
    world.settled(letters)
    world.in_software(letters)
