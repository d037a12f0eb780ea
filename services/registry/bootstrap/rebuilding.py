"""Builds views anew while the registry goes on."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from registry.bootstrap.house import open_house
from registry.bootstrap.slices import VIEWS
from registry.kernel.errors import NotFound
from registry.kernel.views import View
from registry.projector import Progress, Projector, Rebuilt, rebuild
from registry.settings import Settings
from registry.store.mapper import canonical


@dataclass(frozen=True)
class Done:
    """A view that was built anew, and what that took."""

    view: str
    rebuilt: Rebuilt


def views_named(names: Sequence[str]) -> list[View]:
    """These views, or all of them without a name; NotFound for a name that none has."""
    known = {view.name: view for view in VIEWS}
    for name in names:
        if name not in known:
            raise NotFound(
                "view.unknown",
                ko=f"{name}(이)라는 보기는 없습니다. 다음 중에서 골라 주세요: {', '.join(known)}.",
                en=f"There is no view {name}: choose among {', '.join(known)}.",
            )
    return [known[name] for name in names] if names else list(VIEWS)


async def rebuild_views(
    settings: Settings, names: Sequence[str], progress: Callable[[str], Progress]
) -> AsyncIterator[Done]:
    """Build them one after the other; `progress` gives for each the one who is told how far it is."""
    chosen = views_named(names)
    async with open_house(settings) as house:
        for view in chosen:
            await Projector(view, canonical).prepare(house.rows)
            yield Done(view.name, await rebuild(view, canonical, house.log, house.rows, progress(view.name)))
