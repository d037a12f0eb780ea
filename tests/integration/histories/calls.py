"""Calls: what was sent, between which positions of the log, and what was answered."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from registry.kernel.errors import Refusal, Unavailable
from registry.kernel.ports import Receipt

from tests.integration.histories.replicas import Replica, Replicas

Sent = TypeVar("Sent")


@dataclass(frozen=True)
class Call(Generic[Sent]):
    """`after`: the last position known before it was sent; `until`: the head once it was answered.

    `answer` is None when the caller was never told: it gave up, or the connection was lost.
    """

    sent: Sent
    after: int
    until: int
    answer: Receipt | Refusal | None


async def call(
    everybody: Replicas,
    replica: Replica,
    sent: Sent,
    send: Callable[[Sent], Coroutine[Any, Any, Receipt]],
    *,
    turns: int | None,
) -> Call[Sent]:
    """Send it, wait for the answer or for so many turns of the loop, and note what is known."""
    after = everybody.acknowledged
    asking = asyncio.create_task(send(sent))
    for _ in range(turns or 0):
        await asyncio.sleep(0)
    if turns is not None:
        asking.cancel()
    [answer] = await asyncio.gather(asking, return_exceptions=True)
    if isinstance(answer, Receipt):
        everybody.acknowledged = max(everybody.acknowledged, answer.position)
    until = await replica.log.head()
    return Call(sent, after, until, _told(answer))


def _told(answer: Receipt | BaseException) -> Receipt | Refusal | None:
    if isinstance(answer, Unavailable | asyncio.CancelledError):
        return None
    if isinstance(answer, Receipt | Refusal):
        return answer
    raise answer
