"""From drafts to sealed and signed submissions in the outbox, as part of one transaction."""

from collections.abc import Callable, Iterable

from relais.completion import complete
from relais.contents import Content
from relais.envelope_rules import check_submission, readers_of
from relais.frames import check_message_size
from relais.ids import now_ms
from relais.keyring import Keyring
from relais.messages import Draft, Submission
from relais.minimisation import minimise, name_fallbacks
from relais.network import Network
from relais.outbox import Outbox
from relais.referral_memory import ReferralMemory
from relais.refusal import Refusal
from relais.sealing import SealedContent, digest
from relais.signing import ENVELOPE_DOMAIN, sign
from relais.v1 import envelope_pb2, frames_pb2
from relais.words import malformed


class Preparation:
    """Threads: any."""

    def __init__(self, keyring: Keyring, network: Callable[[], Network | None], outbox: Outbox,
                 referrals: ReferralMemory, message_bytes_max: Callable[[], int]) -> None:
        """`message_bytes_max` answers 0 while it is not known."""
        self._keyring = keyring
        self._network = network
        self._outbox = outbox
        self._referrals = referrals
        self._message_bytes_max = message_bytes_max

    def add(self, draft: Draft, automatic: bool = False) -> Submission:
        """Within a transaction: a refusal must end it. network.none, outbox.full, key.invalid, message.too_large, the
        refusals of complete() and of check_submission(). The SDK's own short messages are not held up by a full outbox."""
        message_id = draft.envelope.message_id
        if message_id and self._outbox.was_submitted(message_id):
            return Submission(message_id, repeated=True)
        network = self._network()
        if network is None:
            raise Refusal("network.none")
        at_ms = now_ms()
        envelope = complete(draft, self._keyring, self._referrals, network, at_ms)
        name_fallbacks(envelope, network)
        _check_readers(draft.contents, envelope)
        contents, withheld = minimise(draft.contents, envelope, network)
        del envelope.withheld[:]
        for left_out in withheld:
            entry = envelope.withheld.add(recipient=left_out.recipient, rule=left_out.why.code)
            entry.category = left_out.category
        submit = self._sealed(envelope, contents, network, at_ms)
        check_submission(submit, at_ms)
        if self._message_bytes_max():
            check_message_size(submit, self._message_bytes_max())
        data = submit.SerializeToString()
        if not automatic:
            self._outbox.check_room(len(data))
        self._outbox.append(envelope, data, automatic, repeatable=bool(message_id))
        self._referrals.learn(envelope)
        return Submission(envelope.message_id, withheld)

    def _sealed(
        self, envelope: envelope_pb2.Envelope, contents: Iterable[Content], network: Network, at_ms: int
    ) -> frames_pb2.Submit:
        signing = self._keyring.signing_key(envelope.sender, network, at_ms)
        if signing is None:
            raise _no_key("sender", envelope.sender)
        envelope.signing_key = signing.id
        submit = frames_pb2.Submit()
        for content in contents:
            data = self._seal(envelope, content, network, at_ms)
            announced = envelope.compartments.add(digest=digest(data), recipients=content.recipients)
            announced.category = content.category
            submit.compartments.append(data)
        submit.envelope = envelope.SerializeToString()
        submit.signature = sign(signing.secret, ENVELOPE_DOMAIN, submit.envelope)
        return submit

    def _seal(self, envelope: envelope_pb2.Envelope, content: Content, network: Network, at_ms: int) -> bytes:
        mine = self._keyring.sealing_key(envelope.sender, network, at_ms)
        if mine is None:
            raise _no_key("sender", envelope.sender)
        sealed = SealedContent(envelope.message_id, content.category, content.message.SerializeToString())
        for recipient in content.recipients:
            theirs = network.current_sealing_key(recipient, at_ms)
            if theirs is None:
                raise _no_key("recipients", recipient)
            sealed.add_wrap(recipient, theirs.id, mine.id, self._keyring.shared(mine, theirs.key))
        return sealed.compartment.SerializeToString()


def _check_readers(contents: Iterable[Content], envelope: envelope_pb2.Envelope) -> None:
    for index, content in enumerate(contents):
        if any(reader not in readers_of(envelope) for reader in content.recipients):
            raise malformed(f"contents[{index}].recipients", "recipients of the message")


def _no_key(field: str, institution: str) -> Refusal:
    return Refusal("key.invalid", field, why=f"no valid key of {institution}")
