"""The envelope of every message: CloudEvents 1.0, JSON format."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    """The data of a message. Consumers ignore fields they do not know; producers never drop one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Envelope(BaseModel):
    """A CloudEvent. `position` counts the registry's log; `generation` says which log.

    Deduplicate by (generation, position). `id` is `<record>:<version>`.
    Source: CloudEvents specification 1.0.2, JSON event format.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    position: Annotated[str, Field(pattern=r"^[1-9][0-9]*$")]
    generation: UUID
    data: dict[str, Any] | None = None


def source(generation: UUID) -> str:
    """The `source` of messages from one generation of the log."""
    return f"urn:moa:registry:{generation}"


def kind(topic: str) -> str:
    """The `type` of the message about a fact: `agreement.term-set` → `moa.registry.agreement.term-set.v1`."""
    return f"moa.registry.{topic}.v1"
