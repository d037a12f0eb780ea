"""Each message of the log is taken once and in order, whatever is redelivered, restarted or unreadable."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from notifier.errors import Unavailable
from notifier.reading import Arrival
from notifier.wire import CONSUMER, Registry

from contracts.subjects import REGISTRY_STREAM, registry_subject
from tests.integration.notifier.rig import ANOTHER, BUSANJIN, GENERATION, Rig


async def test_terms_and_titles_are_mirrored_and_everything_else_passed_over(rig: Rig):
    await rig.publisher.internal()
    await rig.publisher.drafted()
    await rig.publisher.say("programme.session-held", BUSANJIN, {"x": 1})
    await rig.publisher.term_set()
    desk = (await rig.read_all()).desk
    place = await desk.mirror.checkpoint()
    (watched,) = await desk.mirror.all_terms()
    assert (place.position, place.generation) == (4, GENERATION)
    assert (watched.title, watched.office, watched.term.end) == ("의료관광 업무협약", "busanjin", date(2027, 3, 1))


async def test_the_latest_message_for_a_cycle_counts_and_the_latest_cycle_is_the_current_one(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    await rig.publisher.term_set(end=date(2028, 3, 1), cycle=2)
    await rig.publisher.term_set(end=date(2027, 4, 1), cycle=1)
    desk = (await rig.read_all()).desk
    (watched,) = await desk.mirror.all_terms()
    assert (watched.cycle, watched.term.end) == (2, date(2028, 3, 1))


async def test_a_message_that_comes_again_changes_nothing(rig: Rig):
    await rig.publisher.drafted(title="처음")
    inbox, registry, service = rig.inbox()
    await registry.open(0)
    (first,) = await registry.batch(10)
    assert (await inbox.take([first])).count == 1
    assert (await inbox.take([first, first])).count == 2
    assert (await service.desk.mirror.checkpoint()).position == 1


async def test_an_old_message_that_comes_again_does_not_undo_a_newer_one(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.term_set(end=date(2027, 3, 1))
    await rig.publisher.term_set(end=date(2028, 3, 1))
    inbox, registry, service = rig.inbox()
    await registry.open(0)
    _, old, _ = arrivals = await registry.batch(10)
    await inbox.take(arrivals)
    await inbox.take([old])
    assert (await service.desk.mirror.checkpoint()).position == 3
    assert [each.term.end for each in await service.desk.mirror.all_terms()] == [date(2028, 3, 1)]


async def test_a_message_that_was_taken_but_not_acknowledged_is_passed_over_after_a_restart(rig: Rig):
    await rig.publisher.drafted()
    inbox, registry, _ = rig.inbox()
    await registry.open(0)
    unacknowledged = await registry.batch(10)
    await inbox.take(unacknowledged)
    await registry.again(unacknowledged, timedelta(0))
    await rig.publisher.term_set()
    service = await rig.read_all()
    assert (await service.desk.mirror.checkpoint()).position == 2
    assert len(await service.desk.mirror.all_terms()) == 1


async def test_messages_ahead_of_their_turn_wait(rig: Rig):
    for _ in range(3):
        await rig.publisher.internal()
    inbox, registry, service = rig.inbox()
    await registry.open(0)
    first, _second, third = await registry.batch(10)
    taken = await inbox.take([first, third])
    assert (taken.count, taken.stopped) == (1, "gap")
    assert (await service.desk.mirror.checkpoint()).position == 1


async def test_a_notifier_whose_database_was_restored_asks_for_what_it_forgot(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.term_set()
    await rig.read_all()
    await rig.database.execute("truncate agreement, term")
    await rig.database.execute("update checkpoint set position = 0, generation = null")
    await rig.publisher.internal()
    service = await rig.read_all()
    assert (await service.desk.mirror.checkpoint()).position == 3
    assert len(await service.desk.mirror.all_terms()) == 1


async def test_poison_is_parked_with_its_reason_and_reading_goes_on(rig: Rig):
    subject = registry_subject("open", "agreement.term-set", BUSANJIN)
    await rig.publisher.drafted()
    await rig.publisher.raw(subject, b"\xff not json")
    await rig.publisher.say("agreement.term-set", BUSANJIN, {"agreement": "x"})
    await rig.publisher.term_set()
    service = await rig.read_all()
    parked = await service.desk.mirror.parked()
    assert [(each.position, each.payload[:4], each.generation) for each in parked] == [
        (2, b"\xff no", GENERATION),
        (3, b'{"sp', GENERATION),
    ]
    assert parked[1].why == "agreement: uuid_parsing; cycle: missing; term: missing"
    assert len(await service.desk.mirror.all_terms()) == 1
    assert (await service.desk.store.figures()).parked == 2


async def test_what_the_database_will_not_store_is_parked_and_its_neighbours_are_kept(rig: Rig):
    await rig.publisher.drafted()
    await rig.publisher.drafted(UUID(int=2), title="널\x00문자")
    await rig.publisher.term_set(cycle=2**40)
    await rig.publisher.term_set()
    service = await rig.read_all()
    assert [each.position for each in await service.desk.mirror.parked()] == [2, 3]
    assert [each.agreement for each in await service.desk.mirror.all_terms()] == [BUSANJIN]


async def test_another_generation_is_parked_once_and_stops_reading_after_every_restart(rig: Rig):
    await rig.publisher.drafted()
    await rig.read_all()
    rig.publisher.generation = ANOTHER
    await rig.publisher.term_set()
    for _ in range(2):
        inbox, registry, service = rig.inbox()
        await registry.open(1)
        assert await inbox.step()
        assert "generation" in service.health.ailments["inbox"].en
    assert (await service.desk.mirror.checkpoint()).position == 1
    (parked,) = await service.desk.mirror.parked()
    assert (parked.position, parked.generation) == (2, ANOTHER)
    assert await service.desk.mirror.all_terms() == []


async def test_a_recreated_stream_of_another_generation_is_noticed_though_it_is_shorter(rig: Rig):
    for _ in range(5):
        await rig.publisher.drafted()
    await rig.read_all()
    await rig.publisher.forget()
    await rig.publisher.open_streams()
    rig.publisher.position, rig.publisher.generation = 0, ANOTHER
    await rig.publisher.drafted()
    inbox, registry, service = rig.inbox()
    await registry.open(5)
    assert await inbox.step()
    assert "generation" in service.health.ailments["inbox"].en


async def test_what_is_gone_from_the_stream_stops_reading(rig: Rig):
    for _ in range(3):
        await rig.publisher.internal()
    await rig.publisher.jetstream.purge_stream(REGISTRY_STREAM, seq=3)
    inbox, registry, service = rig.inbox()
    await registry.open(0)
    assert await inbox.step()
    assert "gone from the stream" in service.health.ailments["inbox"].en


async def test_without_the_stream_it_says_what_it_waits_for(rig: Rig):
    await rig.publisher.forget()
    with pytest.raises(Unavailable) as waiting:
        await Registry(rig.wire).open(0)
    assert waiting.value.en.startswith("not ready: stream missing (REGISTRY)")


async def test_a_thousand_messages_are_taken_in_batches(rig: Rig):
    for _ in range(1000):
        await rig.publisher.internal()
    service = await rig.read_all()
    assert (await service.desk.mirror.checkpoint()).position == 1000
    info = await rig.publisher.jetstream.consumer_info(REGISTRY_STREAM, CONSUMER)
    assert info.num_pending == 0


async def test_an_arrival_of_nothing_is_no_arrival(rig: Rig):
    inbox, _, _ = rig.inbox()
    poison = Arrival(1, "registry.v1.open.x", b"", {})
    assert (await inbox.take([poison])).count == 1
