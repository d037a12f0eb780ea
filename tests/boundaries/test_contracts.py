"""What is written down for other systems is what is sent."""

from registry import bootstrap
from registry.kernel.facts import TOPICS

from tests.boundaries.schemas import FOLDER, schemas


def test_the_committed_schemas_are_the_ones_the_models_give() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert committed == schemas(), "Run `make contracts` and commit what it writes."


def test_every_slice_that_records_facts_says_what_it_publishes() -> None:
    assert {topic.partition(".")[0] for topic in TOPICS} == set(bootstrap.PUBLISHED)
