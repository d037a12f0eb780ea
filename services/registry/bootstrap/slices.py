"""Which slices there are: their views, what they publish, and what people may ask of them."""

from registry.agreement import commands as agreement_commands
from registry.agreement import projection as agreements
from registry.agreement import published as agreement_messages
from registry.delegation import commands as delegation_commands
from registry.delegation import projection as delegations
from registry.delegation import published as delegation_messages
from registry.fsck import Followed
from registry.kernel.commands import HANDLERS, Command, Internal
from registry.organisation import commands as organisation_commands
from registry.organisation import projection as organisations
from registry.organisation import published as organisation_messages
from registry.partnership import commands as partnership_commands
from registry.partnership import projection as partnerships
from registry.partnership import published as partnership_messages
from registry.process import renewals
from registry.relay import Published
from registry.renewal import commands as renewal_commands
from registry.renewal import projection as renewal_cases
from registry.renewal import published as renewal_messages

# Importing a slice's commands enters their handlers into HANDLERS.
COMMANDS = (organisation_commands, agreement_commands, partnership_commands, delegation_commands, renewal_commands)
OFFERED: tuple[type[Command], ...] = tuple(command for command in HANDLERS if not issubclass(command, Internal))
VIEWS = (organisations.VIEW, agreements.VIEW, renewal_cases.VIEW, partnerships.VIEW, delegations.VIEW)
# What must follow the log in the database.
FOLLOWED = (
    *(Followed(view.table, view.version, (view.name,)) for view in VIEWS),
    Followed(renewals.NAME, renewals.VERSION, renewals.SLICES),
)
PUBLISHED: dict[str, Published] = {
    "organisation": organisation_messages.told,
    "agreement": agreement_messages.told,
    "renewal": renewal_messages.told,
    "partnership": partnership_messages.told,
    "delegation": delegation_messages.told,
}
