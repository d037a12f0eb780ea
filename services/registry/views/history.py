"""What held on a day, and what the registry knew at an instant, of one record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from registry.kernel.errors import Invalid, NotFound, Unavailable
from registry.kernel.ports import Row, Rows
from registry.kernel.views import View
from registry.views.freshness import FAR, reached

# In which version views stand, up to which position each shows everything (see freshness.REACHED), up to which
# position the log had come at an instant, and when it begins. $1 the views' tables, $2 the instant (or null), $3 how
# far what a view passed over is looked through.
STANDS = """
    select name, version,
        (select position_at($2)) as wanted, (select recorded_at from event where position = 1) as first,
        coalesce(
            (select min(event.position) - 1 from event
             where event.position > follower.position and event.position <= follower.position + $3
               and split_part(event.topic, '.', 1) = split_part(follower.name, '.', 2)),
            greatest(follower.position, least(log_head.position, follower.position + $3))
        ) as shown
    from follower, log_head where name = any($1::text[])
"""
# What was known of a record at a position: of its rows for the day, the last one that was known by then.
# $1 its id, $2 the day ('infinity': when all that is known holds), $3 the position.
THEN = """
    select state, uncertain from {history}
    where id = $1 and lower(known) <= $3 and effective @> $2::text::date order by lower(known) desc limit 1
"""
# What was known of several records; $1 their ids, $2 the day, $3 the position.
ALL_THEN = """
    select distinct on (id) id, state from {history}
    where id = any($1::uuid[]) and lower(known) <= $3 and effective @> $2::text::date
    order by id, lower(known) desc
"""
FOR_GOOD = "infinity"


@dataclass(frozen=True)
class Asked:
    """Which day, and what was known at which instant; None: every fact that is known, and what is known now."""

    as_of: date | None
    known_at: datetime | None

    @property
    def day(self) -> str:
        """The day as Postgres takes it."""
        return FOR_GOOD if self.as_of is None else self.as_of.isoformat()


@dataclass(frozen=True)
class Found:
    """A state, up to which log position it was known so, and the positions of facts that may hold on that day."""

    state: Row | None
    position: int
    uncertain: Sequence[int]


class NotYet(NotFound):
    """A record had not begun, or it is not certain that it had; `asked` and `found` tell what is known of it."""

    def __init__(self, code: str, *, ko: str, en: str, asked: Asked, found: Found) -> None:
        """Keep the code, the messages, and what was asked and found."""
        super().__init__(code, ko=ko, en=en)
        self.asked = asked
        self.found = found


async def state(
    rows: Rows, view: View, record: UUID, asked: Asked, *, beside: Sequence[View] = ()
) -> tuple[Row, Found]:
    """The state of a record, and what was found of it; NotYet (`record.not_yet`) when it had not begun, or never did.

    The position is one that `view` and all those `beside` it show: more of the answer can be taken from them there.

    `as_of` alone answers from what is known now; `known_at` alone gives what the ordinary question would have been
    answered then. An answer with `known_at` is final: see `position_at`.
    """
    position = await _position(rows, (view, *beside), asked)
    found = await rows.fetch(THEN.format(history=view.history), record, asked.day, position)
    then = Found(found[0]["state"], position, found[0]["uncertain"]) if found else Found(None, position, ())
    if then.state is None:
        raise _not_yet(asked, then)
    return then.state, then


async def states(rows: Rows, view: View, records: Iterable[UUID], asked: Asked, position: int) -> dict[str, Row]:
    """What was known of several records, by id; those that had not begun are left out."""
    found = await rows.fetch(ALL_THEN.format(history=view.history), list(records), asked.day, position)
    return {str(row["id"]): row["state"] for row in found if row["state"] is not None}


async def _position(rows: Rows, views: Sequence[View], asked: Asked) -> int:
    """Up to where the log counts, once every view has come that far; Unavailable (`view.behind`) if one does not."""
    found = await rows.fetch(STANDS, [view.table for view in views], asked.known_at, FAR)
    stands = {row["name"]: row for row in found}
    if any(view.table not in stands or stands[view.table]["version"] < view.version for view in views):
        raise Unavailable(
            "view.behind",
            ko="지난 기록을 볼 수 있도록 준비하는 중입니다. 잠시 뒤 다시 열어 주세요. 기록은 안전합니다.",
            en="What held in the past is being made ready: ask again in a moment. What was recorded is safe.",
            retry_after=5,
        )
    shown = min(int(row["shown"]) for row in found)
    if asked.known_at is None:
        return shown
    wanted, first = found[0]["wanted"], found[0]["first"]
    if first is None or asked.known_at < first:
        raise Invalid(
            "query.known_at_too_early",
            ko="그 시각에는 모아에 아무 기록도 없었습니다. 더 나중 시각을 적어 주세요.",
            en="Nothing at all had been recorded by then: give a later instant as known_at.",
        )
    if wanted is None:
        raise not_come()
    if wanted > shown:
        await reached(rows, [view.name for view in views], wanted)
    return int(wanted)


def _not_yet(asked: Asked, found: Found) -> NotYet:
    if found.uncertain:
        facts = ", ".join(map(str, found.uncertain))
        return NotYet(
            "record.perhaps_not_yet",
            ko=f"그날 이미 시작되었는지 확실하지 않습니다(순번 {facts}의 사실에 정확한 날짜가 없음)."
            " 더 나중 날짜를 적거나 그 사실들의 출처를 확인해 주세요.",
            en=f"It is not certain that it had begun by that day: facts at positions {facts} have no exact day. Give a"
            " later day, or see what the sources of those facts say.",
            asked=asked,
            found=found,
        )
    return NotYet(
        "record.not_yet",
        ko="그때는 아직 없던 기록입니다. 더 나중 날짜나 시각을 적어 주세요.",
        en="It was not there yet on that day, or not known yet at that instant: give a later one.",
        asked=asked,
        found=found,
    )


def not_come() -> Invalid:
    """The refusal of an instant that lies ahead."""
    return Invalid(
        "query.known_at_ahead",
        ko="아직 오지 않은 시각입니다. known_at에는 지금이나 지난 시각을 적어 주세요.",
        en="That instant has not come yet: give one that has as known_at.",
    )
