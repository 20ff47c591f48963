"""The contents of a message in the clear: one message of content.proto for each category. They live in memory only."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError, Message

from relais.refusal import Refusal
from relais.v1 import common_pb2, content_pb2
from relais.wire import parse

CONTENT_TYPES: dict[int, type[Message]] = {
    common_pb2.CATEGORY_IDENTITY: content_pb2.Identity,
    common_pb2.CATEGORY_CONTACT: content_pb2.Contact,
    common_pb2.CATEGORY_HOUSEHOLD: content_pb2.Household,
    common_pb2.CATEGORY_RESOURCES: content_pb2.Resources,
    common_pb2.CATEGORY_BENEFITS: content_pb2.Benefits,
    common_pb2.CATEGORY_HOUSING: content_pb2.Housing,
    common_pb2.CATEGORY_HEALTH: content_pb2.Health,
    common_pb2.CATEGORY_EMPLOYMENT: content_pb2.Employment,
    common_pb2.CATEGORY_SOCIAL_SITUATION: content_pb2.SocialSituation,
    common_pb2.CATEGORY_NOTE: content_pb2.Note,
    common_pb2.CATEGORY_NIR: content_pb2.Nir,
}
_CATEGORIES = {kind: category for category, kind in CONTENT_TYPES.items()}


@dataclass
class Content:
    """One content to be sealed. Without `recipients`: for all recipients of the message."""

    message: Message = field(repr=False)
    recipients: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if type(self.message) not in _CATEGORIES:
            raise TypeError(f"{type(self.message).__name__} is no message of content.proto with a category")

    @property
    def category(self) -> int:
        return _CATEGORIES[type(self.message)]


@dataclass
class OpenedContent:
    """A compartment of a received message, opened. `message` is None for a category of a later version."""

    category: int
    data: bytes = field(repr=False)
    message: Message | None = field(repr=False)


def parse_content(category: int, data: bytes) -> OpenedContent:
    """compartment.malformed."""
    kind = CONTENT_TYPES.get(category)
    if kind is None:
        return OpenedContent(category, data, None)
    try:
        return OpenedContent(category, data, parse(kind, data))
    except DecodeError:
        raise Refusal("compartment.malformed") from None


def as_contents(contents: Iterable[Content | Message]) -> list[Content]:
    return [content if isinstance(content, Content) else Content(content) for content in contents]
