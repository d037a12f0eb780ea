"""The verdict names what was lost, doubled or misordered, wherever it is seen; and says nothing when all is well."""

from dataclasses import replace
from uuid import UUID

from tests.faults.verdict import Evidence, Finding, StoredCommand, StoredFact, verdict
from tests.faults.witness import Acknowledged, Command, Message, Refused, Witness

GENERATION = UUID(int=9)
SOURCE = f"urn:moa:registry:{GENERATION}"
CLERK, OTHER = "staff:1", "staff:2"
BUSANJIN, PAPER = UUID(int=1), UUID(int=2)
REGISTER = Command(CLERK, UUID(int=11), ("organisation.registered",))
FILE_PAPER = Command(CLERK, UUID(int=12), ("agreement.drafted", "agreement.signed-on-paper"))
RIVAL = Command(OTHER, UUID(int=13), ("agreement.drafted",))

FACTS = (
    StoredFact(1, BUSANJIN, 1, "organisation.registered", CLERK, REGISTER.key),
    StoredFact(2, PAPER, 1, "agreement.drafted", CLERK, FILE_PAPER.key),
    StoredFact(3, PAPER, 2, "agreement.signed-on-paper", CLERK, FILE_PAPER.key),
)
COMMANDS = (
    StoredCommand(CLERK, REGISTER.key, BUSANJIN, 1, 1),
    StoredCommand(CLERK, FILE_PAPER.key, PAPER, 2, 3),
)
MESSAGES = tuple(Message(fact.position, str(fact.position), f"{fact.stream}:{fact.version}", SOURCE) for fact in FACTS)
VIEWS = {"organisation": {BUSANJIN: '{"office": "busanjin"}'}}
EVIDENCE = Evidence(GENERATION, 3, FACTS, COMMANDS, MESSAGES, VIEWS, VIEWS)


def witnessed() -> Witness:
    witness = Witness(asked=[REGISTER, FILE_PAPER, RIVAL], received=list(MESSAGES))
    witness.acknowledge(Acknowledged(REGISTER, BUSANJIN, 1, 1, 0, 0.0, 1.0))
    witness.acknowledge(Acknowledged(FILE_PAPER, PAPER, 2, 3, 1, 1.0, 2.0))
    witness.refused.append(Refused(RIVAL, "agreement.number_taken"))
    return witness


def wrongs(witness: Witness, evidence: Evidence) -> list[tuple[str, int | None]]:
    return [(finding.wrong, finding.position) for finding in verdict(witness, evidence)]


def test_nothing_is_said_when_every_promise_was_kept() -> None:
    assert verdict(witnessed(), EVIDENCE) == []


def test_a_message_that_a_subscriber_received_again_is_no_fault() -> None:
    witness = witnessed()
    witness.received += MESSAGES[1:]
    assert verdict(witness, EVIDENCE) == []


def test_an_acknowledged_command_that_is_gone_is_lost() -> None:
    gone = replace(EVIDENCE, head=1, facts=FACTS[:1], commands=COMMANDS[:1], messages=MESSAGES[:1])
    witness = replace(witnessed(), received=list(MESSAGES[:1]))
    assert verdict(witness, gone) == [Finding("lost", f"{FILE_PAPER.key} was acknowledged and is gone", 3)]


def test_a_command_of_which_a_part_is_missing_is_lost_whether_it_was_acknowledged_or_not() -> None:
    half = replace(EVIDENCE, head=2, facts=FACTS[:2], messages=MESSAGES[:2])
    witness = replace(witnessed(), received=list(MESSAGES[:2]))
    assert wrongs(witness, half) == [("lost", 2)]
    witness.acknowledged.pop()
    assert wrongs(witness, half) == [("lost", 2)]


def test_facts_without_the_answer_that_goes_with_them_are_lost() -> None:
    assert wrongs(witnessed(), replace(EVIDENCE, commands=COMMANDS[:1])) == [("lost", 2), ("lost", 3)]


def test_a_command_that_is_recorded_twice_is_doubled() -> None:
    again = StoredFact(4, UUID(int=3), 1, "organisation.registered", CLERK, REGISTER.key)
    message = Message(4, "4", f"{again.stream}:1", SOURCE)
    twice = replace(EVIDENCE, head=4, facts=(*FACTS, again), messages=(*MESSAGES, message))
    witness = witnessed()
    witness.received.append(message)
    assert wrongs(witness, twice) == [("doubled", 1), ("misordered", 1)]


def test_a_fact_that_nobody_asked_for_is_doubled() -> None:
    witness = witnessed()
    witness.asked.remove(REGISTER)
    assert wrongs(witness, EVIDENCE) == [("doubled", 1)]


def test_a_command_that_was_refused_and_yet_recorded_is_named() -> None:
    witness = witnessed()
    witness.refused.append(Refused(REGISTER, "agreement.number_taken"))
    assert wrongs(witness, EVIDENCE) == [("other", None)]


def test_an_answer_other_than_the_one_that_the_log_keeps_is_named() -> None:
    kept = (replace(COMMANDS[0], version=2), COMMANDS[1])
    assert wrongs(witnessed(), replace(EVIDENCE, commands=kept)) == [("other", 1)]


def test_a_gap_in_the_log_is_lost() -> None:
    gap = (FACTS[0], replace(FACTS[1], position=3), replace(FACTS[2], position=4))
    found = verdict(witnessed(), replace(EVIDENCE, head=4, facts=gap))
    assert Finding("lost", "log: 2 is missing", 2) in found


def test_a_position_that_is_there_twice_is_doubled() -> None:
    twice = (FACTS[0], FACTS[1], replace(FACTS[2], position=2))
    found = verdict(witnessed(), replace(EVIDENCE, facts=twice))
    assert Finding("doubled", "log: 2 is there 2 times, of 3 in all", 2) in found


def test_versions_that_do_not_follow_each_other_are_misordered() -> None:
    swapped = (FACTS[0], replace(FACTS[1], version=2), replace(FACTS[2], version=1))
    found = verdict(witnessed(), replace(EVIDENCE, facts=swapped))
    assert Finding("misordered", f"{PAPER} has version 2 where 1 was due", 2) in found


def test_facts_of_one_act_that_others_came_between_are_misordered() -> None:
    apart = (replace(FACTS[0], position=2), replace(FACTS[1], position=1), FACTS[2])
    ordered = sorted(apart, key=lambda fact: fact.position)
    found = verdict(witnessed(), replace(EVIDENCE, facts=ordered))
    assert Finding("misordered", f"the facts of {FILE_PAPER.key} are not side by side", 1) in found


def test_a_message_that_the_stream_does_not_have_is_lost() -> None:
    lacking = replace(EVIDENCE, messages=(MESSAGES[0], MESSAGES[2]))
    assert verdict(witnessed(), lacking) == [Finding("lost", "stream: 2 is missing", 2)]


def test_a_fact_that_the_stream_has_twice_is_doubled() -> None:
    again = replace(MESSAGES[2], sequence=4)
    found = verdict(witnessed(), replace(EVIDENCE, messages=(*MESSAGES, again)))
    assert [(finding.wrong, finding.position) for finding in found] == [("doubled", 4), ("doubled", None)]


def test_messages_that_changed_places_are_misordered() -> None:
    swapped = (MESSAGES[0], replace(MESSAGES[2], sequence=2), replace(MESSAGES[1], sequence=3))
    assert wrongs(witnessed(), replace(EVIDENCE, messages=swapped)) == [("misordered", 2), ("misordered", 3)]


def test_a_message_of_another_generation_is_misordered() -> None:
    other = replace(MESSAGES[2], source=f"urn:moa:registry:{UUID(int=8)}")
    assert wrongs(witnessed(), replace(EVIDENCE, messages=(*MESSAGES[:2], other))) == [("misordered", 3)]


def test_what_a_subscriber_never_received_is_lost() -> None:
    witness = replace(witnessed(), received=[MESSAGES[0], MESSAGES[2]])
    assert verdict(witness, EVIDENCE) == [Finding("lost", "subscriber: 2 is missing", 2)]


def test_what_a_subscriber_received_in_another_order_is_misordered() -> None:
    witness = replace(witnessed(), received=[MESSAGES[0], MESSAGES[2], MESSAGES[1]])
    assert verdict(witness, EVIDENCE) == [Finding("misordered", "subscriber: 2 comes after 3", 2)]


def test_a_position_under_which_a_subscriber_was_told_two_facts_is_misordered() -> None:
    witness = witnessed()
    witness.received.append(replace(MESSAGES[2], ce_id=MESSAGES[1].ce_id))
    assert wrongs(witness, EVIDENCE) == [("misordered", 3)]


def test_a_term_without_its_renewal_case_is_lost_and_a_second_case_doubled() -> None:
    system = ("system:0", UUID(int=14))
    term = StoredFact(4, PAPER, 3, "agreement.term-set", *system)
    case = StoredFact(5, UUID(int=4), 1, "renewal.case-opened", *system)
    second = StoredFact(6, UUID(int=5), 1, "renewal.case-opened", *system)
    for more, wrong in (((term,), "lost"), ((term, case, second), "doubled")):
        messages = [
            Message(fact.position, str(fact.position), f"{fact.stream}:{fact.version}", SOURCE) for fact in more
        ]
        witness = witnessed()
        witness.received += messages
        evidence = replace(EVIDENCE, head=3 + len(more), facts=(*FACTS, *more), messages=(*MESSAGES, *messages))
        assert wrongs(witness, evidence) == [(wrong, None)]


def test_a_view_that_shows_what_the_log_does_not_give_is_named() -> None:
    for shown in ({}, {BUSANJIN: '{"office": "saha"}'}, {**VIEWS["organisation"], PAPER: "{}"}):
        found = verdict(witnessed(), replace(EVIDENCE, views={"organisation": shown}))
        assert [finding.wrong for finding in found] == ["other"]


def test_an_answer_that_nobody_expected_is_named() -> None:
    witness = witnessed()
    witness.unexpected.append("500 registry.fault")
    assert verdict(witness, EVIDENCE) == [Finding("other", "unexpected answer: 500 registry.fault")]
