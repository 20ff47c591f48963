"""The simplest mapping of an institution's folders: it sends the CAF people with a number and a name, and takes in their names."""

from folders import Folders

MAPPING = """
[mapping]
name = "{institution}"
version = 1
[in]
format = "csv"
kind = "referral_requested"
fields = [
  {{ from = "Numero", to = "local.reference", required = true }},
  {{ from = "Nom", to = "identity.family_name", required = true }},
]
[in.csv]
[out]
format = "csv"
[[out.records]]
name = "orientation"
kinds = ["referral_requested"]
fields = [
  {{ from = "envelope.message_id", to = "Message", required = true }},
  {{ from = "identity.family_name", to = "Nom", required = true }},
]
"""
EXCHANGE = """
[[exchange.read]]
mapping = "{institution}.mapping.toml"
recipients = ["caf-25"]
purpose = "access_to_rights"
[[exchange.write]]
mapping = "{institution}.mapping.toml"
"""


def named_people(broker, institution, more=""):
    """Its folders, not started."""
    (broker.folder / f"{institution}.mapping.toml").write_text(MAPPING.format(institution=institution))
    return Folders(broker, institution, EXCHANGE.format(institution=institution), more=more)
