"""Commands: what the faces offer, what tells one request from another, and how people type days."""

from uuid import UUID

import pytest
from registry.agreement.commands import DraftAgreement
from registry.agreement.events import Party
from registry.agreement.projection import sorting_key
from registry.application import CommandRequest
from registry.bootstrap import OFFERED
from registry.kernel.actors import Actor
from registry.kernel.commands import Command
from registry.kernel.values import Text
from registry.web.forms import day

CLERK = Actor("staff", "busanjin", UUID(int=1))


def digest(command: Command) -> str:
    return CommandRequest(command, CLERK, UUID(int=2), UUID(int=3)).digest().hex()


def test_the_faces_offer_these_commands_and_no_others() -> None:
    assert sorted(command.name for command in OFFERED) == [
        "agreement.draft",
        "agreement.enter-into-force",
        "agreement.set-term",
        "agreement.sign",
        "delegation.hold-stop",
        "delegation.plan-stop",
        "delegation.promise-follow-up",
        "delegation.register",
        "organisation.register",
        "organisation.state-alias",
        "partnership.establish",
        "partnership.lapse",
        "partnership.resume",
    ]


def test_a_field_left_at_its_default_does_not_change_what_was_asked() -> None:
    parties = (Party(UUID(int=4)), Party(placeholder="현지 기관"))
    titles = (Text("ko", "업무협약"),)
    bare = DraftAgreement(number="1", year=2025, kind="mou", titles=titles, parties=parties)
    spelled = DraftAgreement(
        number="1", year=2025, kind="mou", titles=titles, parties=parties, office=None, stated_parties=None, fields=()
    )
    other = DraftAgreement(number="2", year=2025, kind="mou", titles=titles, parties=parties)
    assert digest(bare) == digest(spelled) != digest(other)


def test_register_numbers_are_in_the_order_of_their_numbers() -> None:
    numbers = ["제10호", "제9호", "2", "11", "1", "제9호-2"]
    assert sorted(numbers, key=sorting_key) == ["1", "2", "11", "제9호", "제9호-2", "제10호"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025. 6. 10.", "2025-06-10"),
        ("2025.6.10", "2025-06-10"),
        ("20250610", "2025-06-10"),
        ("2025. 6.", "2025-06"),
        ("2025-06-10", "2025-06-10"),
        ("2019-02-18/2019-02-20", "2019-02-18/2019-02-20"),
        ("작년쯤", "작년쯤"),
        ("  ", None),
        (None, None),
    ],
)
def test_a_day_may_be_typed_as_offices_write_it(typed: str | None, meant: str | None) -> None:
    assert day(typed) == meant
