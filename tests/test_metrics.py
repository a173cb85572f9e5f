"""What is written down of a run: alarms, figures that a crash cut short, the curve, TensorBoard events."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gomoku.errors import CheckpointError
from training.curve import draw_curve
from training.events import EventWriter
from training.learner import Losses
from training.metrics import (
    GameFigures,
    IterationMetrics,
    alarms_of,
    append_metrics,
    cut_metrics,
    read_metrics,
)
from training.run_folder import RunFolder

HEALTHY = GameFigures({"6x6x4": 1500}, 100, 1500, 60, 35, 5, 15.0, 100, 0, None)
LOSSES = Losses(2.0, 0.8, 1.5, 0.4)
CHECK = {"opponent": "pure@1000", "games": 2, "score": 0.5, "score_as_black": 1.0, "score_as_white": 0.0}


def metrics(iteration: int, check: dict[str, Any] | None = None) -> IterationMetrics:
    texts: dict[str, Any] = dict.fromkeys(IterationMetrics.__dataclass_fields__, 1)
    return IterationMetrics(**{**texts, "iteration": iteration, "seconds": 2.0, "check": check, "alarms": []})


def test_healthy_figures_alarm_nobody() -> None:
    assert alarms_of(HEALTHY, LOSSES) == []
    assert alarms_of(replace(HEALTHY, black_wins=9, white_wins=0), None) == [], "too few games to judge by"


@pytest.mark.parametrize(
    ("figures", "losses", "told"),
    [
        (replace(HEALTHY, black_wins=95, white_wins=1), LOSSES, "Black wins 99%"),
        (replace(HEALTHY, black_wins=1, white_wins=95), LOSSES, "Black wins 1%"),
        (replace(HEALTHY, distinct_games=50), LOSSES, "only 50 of 100 games are distinct"),
        (HEALTHY, Losses(2.0, 0.8, 0.01, 0.4), "collapsed"),
    ],
)
def test_each_illness_has_its_alarm(figures: GameFigures, losses: Losses, told: str) -> None:
    (alarm,) = alarms_of(figures, losses)
    assert told in alarm


def test_figures_are_read_up_to_the_line_that_was_cut_short_and_cut_to_the_checkpoint(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for iteration in (1, 2, 3):
        append_metrics(folder, metrics(iteration))
    with folder.metrics.open("a") as file:
        file.write(json.dumps({"iteration": 4})[:-3])
    assert [line["iteration"] for line in read_metrics(folder.metrics)] == [1, 2, 3]
    assert cut_metrics(folder, 2) == 4.0
    assert [line["iteration"] for line in read_metrics(folder.metrics)] == [1, 2]
    with folder.metrics.open("ab") as file:
        file.write(b'{"iteration": \xff')  # a last line that is no text at all
    assert cut_metrics(folder, 2) == 4.0
    assert [line["iteration"] for line in read_metrics(folder.metrics)] == [1, 2]


@pytest.mark.parametrize(
    "damage", ["{", "7", "[" * 100_000, "{}", '{"iteraTion": 2, "seconds": 1.5}', '{"iteration": 2, "seconds": null}']
)
def test_a_line_that_is_damaged_amid_the_others_is_named_and_nothing_is_dropped(damage: str, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for iteration in (1, 2, 3):
        append_metrics(folder, metrics(iteration))
    lines = folder.metrics.read_text().splitlines()
    folder.metrics.write_text("\n".join([lines[0], damage, lines[2]]) + "\n")
    before = folder.metrics.read_bytes()
    with pytest.raises(CheckpointError, match=r"metrics\.jsonl, line 2: damaged; repair the line or delete it"):
        cut_metrics(folder, 3)
    assert folder.metrics.read_bytes() == before


@pytest.mark.parametrize("checks", [False, True])
@pytest.mark.parametrize("iterations", [0, 1, 3])
def test_the_curve_is_drawn_of_any_number_of_iterations(tmp_path: Path, iterations: int, checks: bool) -> None:
    folder = RunFolder(tmp_path)
    for iteration in range(iterations):
        append_metrics(folder, metrics(iteration + 1, CHECK if checks else None))
    draw_curve(folder.metrics, folder.curve, "a run")
    assert folder.curve.exists() == (iterations > 0)
    if iterations:
        assert folder.curve.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_a_run_that_began_to_ask_for_the_suite_later_has_a_curve_too(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    append_metrics(folder, metrics(1, CHECK))
    draw_curve(folder.metrics, folder.curve, "a run")
    narrow = folder.curve.read_bytes()
    append_metrics(folder, metrics(2, {**CHECK, "suite": {"network": 0.5}}))
    append_metrics(folder, metrics(3, {**CHECK, "suite": {"network": 0.6, "100 tactics": 1.0}}))
    draw_curve(folder.metrics, folder.curve, "a run")
    assert int.from_bytes(folder.curve.read_bytes()[16:20]) > int.from_bytes(narrow[16:20]), "one more panel"


def test_events_are_written_where_tensorboard_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: PLC0415

    writer = EventWriter(RunFolder(tmp_path))
    writer.write(metrics(1))
    writer.write_check(1, CHECK)
    writer.write(metrics(2))
    writer.close()
    read = EventAccumulator(str(tmp_path / "events")).Reload()
    assert [(event.step, event.value) for event in read.Scalars("check_score")] == [(1, CHECK["score"])]
    assert [event.step for event in read.Scalars("learnt")] == [1, 2]


def test_without_tensorboard_nothing_is_written_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    writer = EventWriter(RunFolder(tmp_path))
    writer.write(metrics(1))
    writer.close()
    assert not (tmp_path / "events").exists()
