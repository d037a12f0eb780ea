"""What `make bench` writes can be read by a machine: six keys a figure, and a peer that is named or null."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.figures import Figure, Goal, table, write
from tests.bench.plot import Panel, draw
from tests.bench.rounds import Result, Round, percentile, take_turns

KEYS = {"value", "unit", "peer", "peer_value", "ratio", "conditions"}
ALONE = Figure("lag_p99", 12.3456, "ms", goal=Goal("value", "at most", 50))
BESIDE = Figure(
    "append", 18_000.0, "commands/s", "stock", 1_000.0, Goal("ratio", "at least", 20), conditions={"callers": 64}
)


def written(tmp_path: Path) -> dict[str, dict[str, object]]:
    path = tmp_path / "var" / "bench.json"
    write(path, [ALONE, BESIDE], {"cores": 2})
    content: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return content


def test_every_figure_stands_under_its_name_with_the_six_promised_keys(tmp_path: Path) -> None:
    content = written(tmp_path)
    assert list(content) == ["lag_p99", "append"]
    assert {frozenset(figure) for figure in content.values()} == {frozenset(KEYS)}


def test_a_ratio_is_the_value_over_the_peers(tmp_path: Path) -> None:
    assert written(tmp_path)["append"]["ratio"] == 18.0


def test_a_figure_without_a_peer_says_null_and_not_nothing(tmp_path: Path) -> None:
    alone = written(tmp_path)["lag_p99"]
    assert (alone["peer"], alone["peer_value"], alone["ratio"]) == (None, None, None)


def test_conditions_are_the_runs_and_the_figures_own_and_say_whether_the_goal_was_met(tmp_path: Path) -> None:
    content = written(tmp_path)
    assert content["lag_p99"]["conditions"] == {"cores": 2, "goal": "value at most 50", "met": "yes"}
    assert content["append"]["conditions"] == {"cores": 2, "callers": 64, "goal": "ratio at least 20", "met": "no"}


def test_the_table_names_what_was_missed() -> None:
    screen = io.StringIO()
    Console(width=200, file=screen).print(table([ALONE, BESIDE]))
    lines = screen.getvalue().splitlines()
    assert any("lag_p99" in line and "12.35" in line and "met" in line for line in lines)
    assert any("append" in line and "18,000" in line and "MISSED" in line for line in lines)


def test_a_goal_that_needs_a_peer_is_not_met_without_one() -> None:
    assert not Goal("ratio", "at least", 0.1).met(ALONE)


def test_rivals_take_turns_and_the_median_of_their_rounds_counts() -> None:
    order: list[str] = []
    speeds = iter([100, 900, 200])

    def ours() -> Round:
        order.append("ours")
        return Round(next(speeds), 1.0, [1.0, 3.0])

    def theirs() -> Round:
        order.append("theirs")
        return Round(50, 1.0)

    results = take_turns({"ours": ours, "theirs": theirs}, 3)
    assert order == ["ours", "theirs"] * 3
    assert (results["ours"].rate, results["theirs"].rate) == (200.0, 50.0)
    assert results["ours"].percentile(99) == 3.0


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 95)
    assert Result([Round(4, 2.0, [4.0, 1.0, 2.0, 3.0])]).percentile(50) == 2.0


def test_the_plot_shows_every_line_at_every_size_with_a_scale_from_zero(tmp_path: Path) -> None:
    panel = Panel("Append & load", (10_000, 1_000_000), {"half": (2.0, 2.5), "most": (4.0, 8.0)})
    draw(tmp_path / "plot.svg", "Cost", [panel])
    picture = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert picture.count("<polyline") == 2
    assert picture.count("<circle") == 4
    assert ">10,000<" in picture
    assert ">1,000,000<" in picture
    assert "Append &amp; load" in picture
    assert panel.y(0.0) > panel.y(8.0) > panel.y(panel.top)
