"""Adapters for the Relais broker: a durable outbox and inbox, sealing and signing, one session that comes back by itself."""

from relais.adapter import Adapter
from relais.config import AdapterConfig, ConfigInvalid, read_config
from relais.contents import Content
from relais.handler import Handler
from relais.health import Health
from relais.ids import named_id, new_id
from relais.messages import Draft, Incoming, Submission, Verdict, Withheld, draft, handled, reject, retry
from relais.outbox import RefusedMessage
from relais.referral_memory import KnownReferral
from relais.refusal import Refusal
from relais.run_adapter import run_adapter
from relais.slots import meeting_in, publish_slots, withdraw_slots
from relais.toml_reader import Table
from relais.version import VERSION as __version__

__all__ = [
    "Adapter", "AdapterConfig", "ConfigInvalid", "Content", "Draft", "Handler", "Health", "Incoming", "KnownReferral",
    "Refusal", "RefusedMessage", "Submission", "Table", "Verdict", "Withheld", "__version__", "draft", "handled", "meeting_in",
    "named_id", "new_id", "publish_slots", "read_config", "reject", "retry", "run_adapter", "withdraw_slots",
]
