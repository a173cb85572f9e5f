"""The bench's comparison with an earlier one: which way is worse, and what is flagged."""

import json
from pathlib import Path

import pytest

from benchmarks.comparison import ComparisonError, change, compare, read_figures
from benchmarks.measuring import Figure


def test_more_per_second_is_better_and_more_seconds_are_worse() -> None:
    assert change(100, 120, "simulations/s") == pytest.approx(0.2)
    assert change(2.0, 2.5, "s") == pytest.approx(-0.2)
    assert change(400, 200, "bytes/position") == pytest.approx(1.0)


def test_only_what_is_more_than_a_tenth_worse_is_flagged_and_the_worst_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    figures = {
        "fast": {"median": 100.0, "unit": "games/s"},
        "start": {"median": 1.0, "unit": "s"},
        "even": {"median": 5.0, "unit": "games/s"},
        "gone": {"median": 1.0, "unit": "s"},
    }
    path.write_text(json.dumps({"figures": figures}), encoding="utf-8")
    now = [
        Figure("even", "even one", "games/s", (4.8,)),
        Figure("fast", "fast one", "games/s", (60.0,)),
        Figure("start", "start", "s", (1.3,)),
        Figure("new", "new one", "s", (1.0,)),
    ]
    lines = compare(read_figures(path), now)
    assert [line.split()[0] for line in lines] == ["fast", "start", "even", "not"]
    assert [line.endswith("WORSE") for line in lines] == [True, True, False, False]
    assert lines[-1].endswith("gone")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"figures": {"a": 1}}', '{"figures": {"a": {"median": "x"}}}'])
def test_a_file_of_something_else_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ComparisonError, match=r"other\.json"):
        read_figures(path)
