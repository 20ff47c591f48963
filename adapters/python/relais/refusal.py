"""One refusal, with the facts that make its sentence useful. Raised by the SDK for everything that can be expected."""

import re

from relais.refusal_catalogue import CATALOGUE
from relais.v1 import refusal_pb2

_OPTIONAL = re.compile(r"\[([^\]]*)\]")
_FACT = re.compile(r"\{([^}]*)\}")


class Refusal(Exception):
    """`code` is one of the catalogue, `field` the path of what is at fault (may be empty).

    Facts are ids, codes, numbers, file names: never a personal datum, never a part of a content.
    """

    def __init__(self, code: str, field: str = "", **facts: str) -> None:
        super().__init__(code, field)
        self.entry = CATALOGUE[code]
        self.code = code
        self.field = field
        self.facts = facts

    @property
    def retry(self) -> bool:
        """Whether the same may succeed later."""
        return self.entry.retry

    @property
    def english(self) -> str:
        return self._fill(self.entry.english, "field")

    @property
    def french(self) -> str:
        return self._fill(self.entry.french, "champ")

    def __str__(self) -> str:
        return f"{self.code}: {self.english}"

    def under(self, prefix: str) -> "Refusal":
        """The same, where `field` is a part of something larger."""
        return Refusal(self.code, prefix + self.field, **self.facts)

    def to_wire(self, message_id: bytes = b"") -> refusal_pb2.Refused:
        """As the broker sends it."""
        return refusal_pb2.Refused(
            code=self.code,
            english=self.english,
            french=self.french,
            field=self.field,
            retry=self.retry,
            message_id=message_id,
        )

    def _fill(self, sentence: str, field_word: str) -> str:
        """Facts that the sentence has no place for stand before its last point: a fact is never lost."""
        known = {name: value for name, value in {**self.facts, "field": self.field}.items() if value}
        used: set[str] = set()

        def part(match: re.Match[str]) -> str:
            names = _FACT.findall(match[1])
            if any(name not in known for name in names):
                return ""
            used.update(names)
            return _FACT.sub(lambda fact: known[fact[1]], match[1])

        text = _OPTIONAL.sub(part, sentence)
        unused = [(field_word, self.field)] if self.field and "field" not in used else []
        unused += [(name, value) for name, value in self.facts.items() if value and name not in used]
        if not unused:
            return text
        return f"{text[:-1]} ({', '.join(f'{name}: {value}' for name, value in unused)}){text[-1]}"
