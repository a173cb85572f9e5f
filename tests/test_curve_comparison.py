"""Runs side by side: `evaluate.py curves`, its table and picture, and what it says of runs it cannot compare."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import evaluate
from arena.statistics import measure, score_interval
from gomoku.errors import CheckpointError
from training.curve_comparison import comparison_text, equal_times, warnings
from training.metrics import IterationMetrics
from training.run_curves import RunCurve, clock, read_curve

PNG = b"\x89PNG\r\n\x1a\n"
SECONDS = 60.0
"""Of one iteration."""


def check(score: float, opponent: str = "pure@1000", **more: Any) -> dict[str, Any]:
    return {"opponent": opponent, "games": 40, "score": score, **more}


def make_run(folder: Path, *checks: dict[str, Any] | None, rules: str = "6x6x4") -> Path:
    """A run with an iteration a minute, 100 games and 1,000 positions in each."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"rules": rules, "from another version": True}), encoding="utf-8")
    usual: dict[str, Any] = dict.fromkeys(IterationMetrics.__dataclass_fields__, 1)
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for number, one in enumerate(checks, 1):
            totals = {"total_games": 100 * number, "total_positions": 1000 * number}
            losses = {"policy_loss": None if number == 1 else 1 / number, "value_loss": 1 / number}
            line = {**usual, **totals, **losses, "total_seconds": SECONDS * number, "check": one}
            file.write(json.dumps(line) + "\n")
    return folder


def curve(folder: Path, *checks: dict[str, Any] | None, **more: str) -> RunCurve:
    return read_curve(make_run(folder, *checks, **more), score_interval)


def curves(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["evaluate.py", "curves", *map(str, arguments)])
    return evaluate.main()


def test_strength_is_that_of_the_latest_check_by_then(tmp_path: Path) -> None:
    run = curve(tmp_path / "run", None, check(0.4), None, check(0.9), None)
    assert run.strength_at(119) is None
    at_two, at_three, at_four = (run.strength_at(60.0 * minute) for minute in (2, 3, 4))
    assert at_two is not None
    assert at_two is at_three
    assert (at_two.score, at_two.seconds, at_two.games, at_two.positions) == (0.4, 120, 200, 2000)
    assert at_four is not None
    assert at_four.score == 0.9
    assert run.seconds == 300


def test_a_score_is_reached_at_the_first_check_that_shows_it_give_or_take_its_interval(tmp_path: Path) -> None:
    run = curve(tmp_path / "run", check(0.3), check(0.45), check(0.55), check(0.7), check(0.5))
    reached = run.reached(0.5)
    assert (reached.earliest, reached.first, reached.latest) == (120, 180, 240)
    never = run.reached(0.95)
    assert (never.earliest, never.first, never.latest) == (None, None, None)
    shown = [(one.low < 0.5 < one.high) for one in run.checks]
    assert shown == [False, True, True, False, True], "the interval is that of 40 games"


def test_a_checks_interval_is_the_one_of_a_match_whose_games_do_not_depend_on_each_other() -> None:
    assert score_interval(1.0, 40) == pytest.approx((measure([1.0] * 20, 20).score_low, 1.0))
    low, high = score_interval(0.25, 40)
    assert (low, high) == pytest.approx((0.1269, 0.4120), abs=1e-4), "Clopper and Pearson's for 10 of 40"
    assert score_interval(0.75, 40) == pytest.approx((1 - high, 1 - low))


def test_runs_are_compared_at_parts_of_the_shortest_ones_time(tmp_path: Path) -> None:
    runs = [
        curve(tmp_path / "short", *[check(0.6)] * 4),
        curve(tmp_path / "long", *[None] * 3, check(0.8), *[None] * 4),
    ]
    assert equal_times(runs) == [60, 120, 180, 240]
    table = [line.split() for line in comparison_text(runs).splitlines()]
    assert table[0] == ["run", "trained", "games", "positions", "checks"]
    name = str(tmp_path / "short")
    assert table[1] == [name, "0:04:00", "400", "4,000", *["4", "of", "40", "games", "against", "pure@1000"]]
    assert ["score", "by", "then", "0:01:00", "0:02:00", "0:03:00", "0:04:00"] in table
    assert [name, *["0.60", "(0.43–0.75)"] * 4] in table
    assert [str(tmp_path / "long"), "–", "–", "–", "0.80", "(0.64–0.91)"] in table
    assert [name, "0:01:00", "(0:01:00–never)", "never", "never"] in table


def test_times_are_told_in_hours_minutes_and_seconds() -> None:
    assert [clock(seconds) for seconds in (0, 59.6, 3599, 36_000)] == ["0:00:00", "0:01:00", "0:59:59", "10:00:00"]


def test_the_command_writes_table_picture_and_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = make_run(tmp_path / "one", check(0.5, suite={"network": 0.25}), None, check(0.9, suite={"network": 0.5}))
    two = make_run(tmp_path / "two", None, check(0.7))
    picture, figures = tmp_path / "curves.png", tmp_path / "curves.json"
    assert curves(monkeypatch, one, two, "--out", picture, "--json", figures) == 0
    assert picture.read_bytes().startswith(PNG)
    told = capsys.readouterr()
    assert told.err == ""
    assert "time to score" in told.out
    first, second = json.loads(figures.read_text(encoding="utf-8"))["runs"]
    assert [made["suite_share"] for made in first["checks"]] == [0.25, 0.5]
    assert [made["seconds"] for made in second["checks"]] == [120]
    assert first["time_to_score"][1] == {"score": 0.8, "first": 180, "earliest": 180, "latest": None}
    assert second["at_equal_times"][0] == {"seconds": 30, "check": None}
    assert second["at_equal_times"][3]["check"]["score"] == 0.7


def test_runs_that_differ_in_rules_or_opponents_or_have_no_checks_are_compared_with_a_word_of_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = make_run(tmp_path / "one", check(0.5))
    two = make_run(tmp_path / "two", check(0.5, "pure@3000"), rules="8x8x5")
    bare = make_run(tmp_path / "bare", None, None)
    assert curves(monkeypatch, one, two, bare, "--out", tmp_path / "curves.png") == 0
    assert capsys.readouterr().err.splitlines() == [
        f"evaluate.py: {bare} has no strength checks; only its losses are shown",
        "evaluate.py: the runs are of different rules: 6x6x4, 8x8x5",
        "evaluate.py: the scores are against different opponents: pure@1000, pure@3000",
    ]
    assert warnings([read_curve(one, score_interval)]) == []


def test_a_picture_is_drawn_of_runs_without_any_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [make_run(tmp_path / name, None) for name in ("one", "two")]
    assert curves(monkeypatch, *runs, "--out", tmp_path / "curves.png") == 0
    assert (tmp_path / "curves.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run"], "run: name two runs or more, each once"),
        (["run", "run"], "run run: name two runs or more, each once"),
        (["run", "none"], "none is not a run: it has no config.json"),
        (["run", "empty"], "empty is not a run: it has no config.json"),
        (["run", "begun"], "begun has no finished iteration in its metrics.jsonl yet"),
        (["run", "other", "--out", "curves.jpg"], "--out curves.jpg: the picture's name has to end in .png"),
        (["run", "other", "--out", "no/curves.png"], "--out no/curves.png: not a file in a folder that exists"),
        (["run", "other", "--json", "no/curves.json"], "--json no/curves.json: not a file in a folder that exists"),
    ],
)
def test_what_cannot_be_compared_gets_one_line_and_status_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("run", "other"):
        make_run(Path(name), check(0.5))
    Path("empty").mkdir()
    make_run(Path("begun"))
    usual = [] if "--out" in arguments else ["--out", "curves.png"]
    assert curves(monkeypatch, *arguments, *usual) == 2
    assert capsys.readouterr().err == f"evaluate.py: error: {reason}\n"
    assert not Path("curves.png").exists()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"check": {"opponent": "pure@1000", "games": 40}}, "'score' is missing"),
        ({"check": check(1.5)}, "score 1.5 of 40 games"),
        ({"check": check(0.5) | {"games": 0}}, "of 0 games"),
        ({"check": 7}, "is damaged"),
        ({"total_seconds": 1.0}, "its time runs backwards"),
        ({"total_seconds": "soon"}, "is damaged"),
    ],
)
def test_damaged_figures_are_named(tmp_path: Path, damage: dict[str, Any], reason: str) -> None:
    run = make_run(tmp_path / "run", check(0.5), check(0.6))
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    lines[-1] = json.dumps({**json.loads(lines[-1]), **damage})
    (run / "metrics.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(CheckpointError, match=reason) as told:
        read_curve(run, score_interval)
    assert str(run) in str(told.value)
