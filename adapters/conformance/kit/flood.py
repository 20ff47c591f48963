"""A flood that nobody waits for to the end, since the software takes so little at a time: what was taken is there, and what was
not is still the broker's."""

import time

_SAMPLE = 50
# An adapter asks, notes and answers where its software only takes. Below this share of its pace the software is no excuse.
_SHARE = 0.1


def cut(world, letters):
    """The adapter is killed in the middle of the flood, and nothing more of it is delivered. What must be in the software; what
    is to be said of that. Broken: it took less than its software would have, or stands still afterwards."""
    world.broker.behaviour.deliver = False
    world.kill()
    taken = [letter for letter in letters if letter.verdict == "acknowledge"]
    rejected = sum(letter.verdict == "reject" for letter in letters)
    world.broker.withdraw(letters)
    pace, alone = len(taken) / world.longest_s, _own_pace(world)
    said = f"{len(taken):,} of {len(letters):,} in {world.longest_s:.0f} s, {pace:.1f}/s; its software alone {alone:.1f}/s"
    world.expect(rejected == 0, f"{rejected} of {len(letters)} rejected")
    world.expect(pace >= _SHARE * alone, said)
    world.broker.behaviour.deliver = True
    world.start()
    world.wait_for_session()
    after = world.post()
    world.settled(after)
    return taken + after, said


def _own_pace(world) -> float:
    """How many records a second the software takes without an adapter."""
    tokens, began = world.tokens(_SAMPLE), time.monotonic()
    world.software.alone(tokens)
    return _SAMPLE / (time.monotonic() - began)
