"""The relay: keeps a stream on JetStream equal to the log, so that sequence == position."""

from registry.relay.comparison import Disagreement
from registry.relay.inspection import Inspection
from registry.relay.messages import Published
from registry.relay.relay import Relay
from registry.relay.status import RelayDesk

__all__ = ["Disagreement", "Inspection", "Published", "Relay", "RelayDesk"]
