"""From the software to the broker."""

import time

from kit.broker import refused
from kit.network import PARTNER
from kit.promise import NotAsked, step
from relais.v1 import frames_pb2, referral_pb2


def hold(_submission):
    """The broker says nothing."""


@step("6", "What the software hands over is submitted, sealed for its recipient.")
def submits_what_is_handed_over(world):
    submission = world.submitted(world.hand_over()[0])
    world.expect(submission.kind == world.messages.hands_over, f"a {submission.kind}")
    world.expect(list(submission.envelope.recipients) == [PARTNER], "the recipient is another one")


@step("6", "After its receipt a message is not sent again, neither in the session nor in the next.")
def stops_after_the_receipt(world):
    submission = world.submitted(world.hand_over()[0])
    world.never(lambda: len(submission.times) > 1, "it was sent again in the session")
    world.restart()
    world.never(lambda: len(submission.times) > 1, "it was sent again after a restart")


@step("6", "Without a receipt when the session ends, exactly the same bytes are sent in the next one.")
def sends_again_in_the_next_session(world):
    world.broker.behaviour.on_submit = hold
    submission = world.submitted(world.hand_over()[0])
    world.broker.behaviour.on_submit = None
    world.broker.break_off()
    world.wait(lambda: submission.answered, "the same bytes in the new session")


@step("17", "Killed before the receipt, the adapter starts and submits again what stands in its outbox.")
def survives_being_killed_before_the_receipt(world):
    world.broker.behaviour.on_submit = hold
    submission = world.submitted(world.hand_over()[0])
    world.kill()
    world.broker.behaviour.on_submit = None
    world.start()
    world.wait(lambda: submission.answered, "the same bytes after the restart")


@step("6", "Without an answer after 30 s it is sent again.")
def sends_again_without_an_answer(world):
    world.broker.behaviour.on_submit = hold
    submission = world.submitted(world.hand_over()[0])
    world.broker.behaviour.on_submit = None
    world.wait(lambda: submission.answered, "the same bytes again", 35 + world.patience_s)
    pause = submission.times[1] - submission.times[0]
    world.expect(pause > 5, f"it was sent again after {pause:.1f} s already")


@step("6", "A refusal with retry: the same bytes again, not before retry_after_ms.")
def waits_as_it_is_told(world):
    submission = _refused_once(world, "broker.disk_full", retry_after_ms=2_000)
    pause = submission.times[1] - submission.times[0]
    world.expect(pause >= 1.9, f"again after {pause:.1f} s, although 2 s were asked for")


@step("14", "A code that the adapter does not know is treated by its `retry`.")
def bears_unknown_codes(world):
    _refused_once(world, "weather.too_warm", retry_after_ms=200)


@step("6", "A refusal without retry is final: the message is not sent again, and others are not held up.")
def obeys_a_final_refusal(world):
    first, second = world.to_hand_over(2)

    def answer(submission):
        if submission.token == first:
            return world.broker.refuse(submission, "purpose.unknown", retry=False)
        return world.broker.receipt(submission)

    world.broker.behaviour.on_submit = answer
    world.software.hand_over([first])
    submission = world.submitted(first)
    world.software.hand_over([second])
    world.answered([second])
    world.never(lambda: len(submission.times) > 1, "it was sent again in the session")
    world.restart()
    world.never(lambda: len(submission.times) > 1, "it was sent again after a restart")


@step("4", "Receipts come in any order, twice, and for messages that nobody knows; they are matched by message_id.")
def matches_answers_by_id(world):
    world.broker.behaviour.on_submit = hold
    tokens = world.hand_over(5)
    found = [world.submitted(token) for token in tokens]
    world.broker.say(receipts=[frames_pb2.Receipt(message_id=bytes(range(1, 17)), position=1)])
    for submission in [*reversed(found[1:]), *found[1:]]:
        world.broker.receipt(submission)
    world.let_it_catch_up()
    world.broker.behaviour.on_submit = None
    sent = {id(one): len(one.times) for one in found}
    world.broker.break_off()
    world.wait(lambda: found[0].answered, "the one message without a receipt, again")
    world.never(lambda: any(len(one.times) > sent[id(one)] for one in found[1:]), "one with a receipt was sent again", 1)


@step("6", "A receipt marked as repeated is a receipt.")
def takes_a_repeated_receipt(world):
    world.broker.behaviour.on_submit = lambda submission: world.broker.receipt(submission, repeated=True)
    submission = world.submitted(world.hand_over()[0])
    world.let_it_catch_up()
    world.broker.break_off()
    world.wait_for_session()
    world.never(lambda: len(submission.times) > 1, "it was sent again")


@step("6", "Different referrals do not wait for each other.")
def one_referral_does_not_hold_up_others(world):
    stuck, *others = world.to_hand_over(4)
    world.broker.behaviour.on_submit = lambda one: None if one.token == stuck else world.broker.receipt(one)
    world.software.hand_over([stuck])
    world.submitted(stuck)
    world.software.hand_over(others)
    world.answered(others)
    world.broker.behaviour.on_submit = None
    world.broker.break_off()
    world.answered([stuck])


@step("5", "A draining broker refuses submissions; they are sent again, and deliveries go on.")
def bears_a_draining_broker(world):
    world.broker.behaviour.on_submit = lambda one: world.broker.refuse(one, "broker.draining", retry=True, retry_after_ms=500)
    world.broker.say(notice=frames_pb2.Notice(draining=True))
    token = world.hand_over()[0]
    world.settled(world.post())
    world.broker.behaviour.on_submit = None
    world.broker.break_off()
    world.answered([token])


@step("15", "After rate.exceeded the adapter pauses, and sends again what has no answer.")
def slows_down(world):
    world.broker.behaviour.on_submit = hold
    submission = world.submitted(world.hand_over()[0])
    world.broker.behaviour.on_submit = None
    world.broker.say(refusals=[refused("rate.exceeded", retry=True, retry_after_ms=500)])
    world.wait(lambda: submission.answered, "what had no answer, again", 35 + world.patience_s)


@step("6", "While the broker is away, what the software hands over is kept, also through the adapter's own death.")
def keeps_what_can_not_be_sent(world):
    world.broker.down()
    tokens = world.hand_over(5)
    time.sleep(3)
    world.kill()
    world.start()
    more = world.hand_over(5)
    time.sleep(1)
    world.broker.up()
    world.answered([*tokens, *more])


@step("10", "Once the software holds an outcome, the adapter of the sender says outcome_acknowledged.")
def closes_the_loop(world):
    if world.messages.answers:
        raise NotAsked("the software refers nobody")
    submission = world.submitted(world.hand_over()[0])
    done = referral_pb2.ReferralCompleted(outcome=referral_pb2.OUTCOME_CONNECTED)
    letters = [world.partner.status(submission.envelope, kind, body)
               for kind, body in (("referral_received", None), ("referral_accepted", None), ("referral_completed", done))]
    world.broker.post(letters)
    world.settled(letters)
    world.wait(lambda: world.follow_up(letters[-1], "outcome_acknowledged"), "outcome_acknowledged")


def _refused_once(world, code, **fields):
    refusals = []

    def answer(submission):
        if refusals:
            return world.broker.receipt(submission)
        refusals.append(submission)
        return world.broker.refuse(submission, code, retry=True, **fields)

    world.broker.behaviour.on_submit = answer
    submission = world.submitted(world.hand_over()[0])
    world.wait(lambda: submission.answered, "the same bytes again")
    return submission
