"""How many deliveries we are ready to hold, told to the broker in good time."""

from relais.v1 import frames_pb2


class Credit:
    """What is granted and what is in hand together never exceed the limits, but for one message that overdraws the bytes.
    One for each session, which begins without credit."""

    def __init__(self, messages_max: int, bytes_max: int) -> None:
        self._messages_max = messages_max
        self._bytes_max = bytes_max
        self._left_messages = self._left_bytes = 0
        self._in_hand_messages = self._in_hand_bytes = 0

    def delivered(self, size: int) -> None:
        self._left_messages = max(0, self._left_messages - 1)
        self._left_bytes = max(0, self._left_bytes - size)
        self._in_hand_messages += 1
        self._in_hand_bytes += size

    def settled(self, size: int) -> None:
        self._in_hand_messages -= 1
        self._in_hand_bytes -= size

    def due(self) -> frames_pb2.Grant | None:
        """What to grant now: half of the limit at once, or anything when the broker could not deliver otherwise."""
        messages = max(0, self._messages_max - self._left_messages - self._in_hand_messages)
        size = max(0, self._bytes_max - self._left_bytes - self._in_hand_bytes)
        stuck = self._in_hand_messages == 0 and (self._left_messages == 0 or self._left_bytes == 0)
        worth_it = messages >= (self._messages_max + 1) // 2 or size >= (self._bytes_max + 1) // 2
        if not (stuck or worth_it) or (messages == 0 and size == 0):
            return None
        self._left_messages += messages
        self._left_bytes += size
        return frames_pb2.Grant(messages=messages, bytes=size)
