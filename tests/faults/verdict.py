"""The verdict: compares what was acknowledged with what the log, the stream, a subscriber and the views hold."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal
from uuid import UUID

from tests.faults.witness import Acknowledged, Command, Message, Witness

Wrong = Literal["lost", "doubled", "misordered", "other"]
SYSTEM = "system:"
SETS_A_TERM = "agreement.term-set"
OPENS_A_CASE = "renewal.case-opened"


@dataclass(frozen=True)
class Finding:
    """One thing that must not be; `position` says where in the log, if it has a place there."""

    wrong: Wrong
    what: str
    position: int | None = None


@dataclass(frozen=True)
class StoredFact:
    """A row of the log, without its content."""

    position: int
    stream: UUID
    version: int
    topic: str
    actor: str
    command: UUID


@dataclass(frozen=True)
class StoredCommand:
    """The answer that the log keeps for a command."""

    actor: str
    key: UUID
    target: UUID
    version: int
    position: int


@dataclass(frozen=True)
class Evidence:
    """What was found once everything was level. A view is its rows: record → canonical JSON."""

    generation: UUID
    head: int
    facts: Sequence[StoredFact]
    commands: Sequence[StoredCommand]
    messages: Sequence[Message]
    views: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)
    refolded: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)

    @property
    def keys(self) -> set[UUID]:
        """The keys of all commands that were recorded."""
        return {command.key for command in self.commands}


def verdict(witness: Witness, evidence: Evidence) -> list[Finding]:
    """Everything that is wrong; empty when every promise was kept."""
    return [
        *_answers(witness, evidence),
        *_log(evidence),
        *_consequences(evidence),
        *_messages("stream", evidence.messages, evidence),
        *_messages("subscriber", _first_of_each(witness.received), evidence),
        *_told_twice_alike(witness.received),
        *_views(evidence),
        *(Finding("other", f"unexpected answer: {answer}") for answer in witness.unexpected),
    ]


def _answers(witness: Witness, evidence: Evidence) -> Iterator[Finding]:
    """Each command against the log: an acknowledged one is there as told, any other whole or not at all."""
    facts: dict[tuple[str, UUID], list[StoredFact]] = defaultdict(list)
    for fact in evidence.facts:
        facts[fact.actor, fact.command].append(fact)
    stored: dict[tuple[str, UUID], list[StoredCommand]] = defaultdict(list)
    for row in evidence.commands:
        stored[row.actor, row.key].append(row)
    told: dict[Command, list[Acknowledged]] = defaultdict(list)
    for answer in witness.acknowledged:
        told[answer.command].append(answer)
    for command in witness.asked:
        key = command.actor, command.key
        yield from _whole(command, facts.get(key, []), stored.get(key, []))
        yield from _as_told(told.get(command, []), stored.get(key, []))
    for refusal in witness.refused:
        if (refusal.command.actor, refusal.command.key) in stored:
            yield Finding("other", f"{refusal.command.key} was refused ({refusal.code}) and yet recorded")
    known = {(command.actor, command.key) for command in witness.asked}
    for key, found in facts.items():
        if key not in known and not found[0].actor.startswith(SYSTEM):
            yield Finding("doubled", f"nobody asked for {found[0].topic} under {found[0].command}", found[0].position)


def _whole(command: Command, facts: Sequence[StoredFact], stored: Sequence[StoredCommand]) -> Iterator[Finding]:
    if not facts and not stored:
        return
    where = facts[0].position if facts else stored[0].position
    found, asked = Counter(fact.topic for fact in facts), Counter(command.topics)
    if asked - found or not stored:
        yield Finding("lost", f"{command.key} is there in part: {dict(found)} of {command.topics}", where)
    if found - asked or len(stored) > 1:
        yield Finding("doubled", f"{command.key} is there too often: {dict(found)} of {command.topics}", where)
    if [fact.topic for fact in facts] != list(command.topics) and found == asked:
        yield Finding("misordered", f"{command.key} has its facts in another order", where)
    if any(later.position != earlier.position + 1 for earlier, later in pairwise(facts)):
        yield Finding("misordered", f"the facts of {command.key} are not side by side", where)


def _as_told(told: Sequence[Acknowledged], stored: Sequence[StoredCommand]) -> Iterator[Finding]:
    for answer in told:
        if not stored:
            yield Finding("lost", f"{answer.command.key} was acknowledged and is gone", answer.position)
            continue
        kept = stored[0]
        if (kept.target, kept.version, kept.position) != (answer.record, answer.version, answer.position):
            yield Finding(
                "other",
                f"{answer.command.key} was told version {answer.version} at {answer.position},"
                f" the log keeps version {kept.version} at {kept.position}",
                answer.position,
            )


def _log(evidence: Evidence) -> Iterator[Finding]:
    """Positions 1 to the head, each once; in every stream versions 1 to its last, in log order."""
    yield from _each_once("log", [fact.position for fact in evidence.facts], evidence.head)
    versions: dict[UUID, int] = defaultdict(int)
    for fact in evidence.facts:
        expected = versions[fact.stream] + 1
        if fact.version != expected:
            what = f"{fact.stream} has version {fact.version} where {expected} was due"
            yield Finding("misordered", what, fact.position)
        versions[fact.stream] = fact.version


def _consequences(evidence: Evidence) -> Iterator[Finding]:
    """The renewal process answers each term with one case, however often it was interrupted."""
    terms = [fact.position for fact in evidence.facts if fact.topic == SETS_A_TERM]
    cases = [fact.position for fact in evidence.facts if fact.topic == OPENS_A_CASE]
    if len(cases) != len(terms):
        wrong: Wrong = "lost" if len(cases) < len(terms) else "doubled"
        yield Finding(wrong, f"{len(terms)} terms were set and {len(cases)} renewal cases opened")


def _messages(where: str, messages: Sequence[Message], evidence: Evidence) -> Iterator[Finding]:
    """Message i is position i of this generation, each once and in order."""
    yield from _each_once(where, [message.sequence for message in messages], evidence.head)
    facts = {fact.position: fact for fact in evidence.facts}
    source = f"urn:moa:registry:{evidence.generation}"
    for message in messages:
        fact = facts.get(message.sequence)
        expected = (str(message.sequence), fact and f"{fact.stream}:{fact.version}", source)
        if fact and (message.message_id, message.ce_id, message.source) != expected:
            what = f"{where}: sequence {message.sequence} is {message.ce_id} (message {message.message_id})"
            yield Finding("misordered", what, message.sequence)
    for ce_id, times in Counter(message.ce_id for message in messages).items():
        if times > 1:
            yield Finding("doubled", f"{where}: {ce_id} is there {times} times")


def _each_once(where: str, numbers: Sequence[int], last: int) -> Iterator[Finding]:
    """Is it 1 to `last`, each once and ascending?"""
    counted = Counter(numbers)
    for number in range(1, last + 1):
        if not counted[number]:
            yield Finding("lost", f"{where}: {number} is missing", number)
    for number, times in counted.items():
        if times > 1 or not 1 <= number <= last:
            yield Finding("doubled", f"{where}: {number} is there {times} times, of {last} in all", number)
    for earlier, later in pairwise(numbers):
        if later < earlier:
            yield Finding("misordered", f"{where}: {later} comes after {earlier}", later)


def _first_of_each(messages: Iterable[Message]) -> list[Message]:
    """Deduplicated as a subscriber is told to: by generation and position."""
    seen: dict[tuple[str, str], Message] = {}
    for message in messages:
        seen.setdefault((message.source, message.message_id), message)
    return list(seen.values())


def _told_twice_alike(messages: Iterable[Message]) -> Iterator[Finding]:
    """What a subscriber is told again under the same generation and position is the same fact."""
    told: dict[tuple[str, str], str] = {}
    for message in messages:
        before = told.setdefault((message.source, message.message_id), message.ce_id)
        if before != message.ce_id:
            what = f"subscriber: {message.message_id} was {before} and then {message.ce_id}"
            yield Finding("misordered", what, message.sequence)


def _views(evidence: Evidence) -> Iterator[Finding]:
    for name in sorted({*evidence.views, *evidence.refolded}):
        shown, refolded = evidence.views.get(name, {}), evidence.refolded.get(name, {})
        for record in sorted({*shown, *refolded}):
            if shown.get(record) != refolded.get(record):
                yield Finding("other", f"view {name} shows {record} otherwise than the log folds it")
