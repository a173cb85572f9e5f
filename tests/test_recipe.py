"""The recipe's experiment: what it reads from runs, how it compares them, and that every way is a command line."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks import recipe_runs
from benchmarks.recipe import main, table
from benchmarks.recipe_runs import DEFAULT_WAYS, ROOT, WAYS, Outcome, is_finished, outcome
from training.config import TrainConfig
from training.presets import PRESETS
from training.start import settings_of


def make_run(folder: Path, *scores: float | None) -> Path:
    folder.mkdir()
    with (folder / "metrics.jsonl").open("w", encoding="utf-8") as file:
        for number, score in enumerate(scores, 1):
            check = None if score is None else {"score": score}
            line = {"total_seconds": 10.0 * number, "total_positions": 100 * number, "check": check}
            file.write(json.dumps(line) + "\n")
    return folder


def test_a_run_counts_by_its_first_good_check_and_its_last_ones(tmp_path: Path) -> None:
    run = make_run(tmp_path / "a", None, 0.4, 0.9, None, 0.7, 0.8, None)
    assert outcome(run, 0.9) == Outcome(30, 0.75, 700)
    assert outcome(run, 0.91).seconds_to_score is None


def test_ways_are_compared_seed_by_seed() -> None:
    usual = {1: Outcome(30, 0.8, 1), 2: Outcome(50, 0.6, 1), 3: Outcome(None, 0.7, 1)}
    better = {seed: Outcome(20, one.score + 0.1, 1) for seed, one in usual.items()}
    text = table({"usual": usual, "tactics": better}).splitlines()
    assert text[2] == "| usual | 3 | 2 | 50, 30 to never | 0.700 | — |"
    assert text[3] == "| tactics | 3 | 3 | 20, 20 to 20 | 0.800 | +0.100 (+0.100 to +0.100) |"
    noisy = {1: Outcome(20, 0.9, 1), 2: Outcome(20, 0.6, 1), 3: Outcome(20, 0.9, 1)}
    assert "+0.100 (-0.148 to +0.348)" in table({"usual": usual, "tactics": noisy})


@cache
def made_of(way: str, *common: str) -> TrainConfig:
    return settings_of(["--preset", "6x6x4", *common, *WAYS[way]], PRESETS["6x6x4"].network)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_one_that_training_knows_and_no_other_way(way: str) -> None:
    common = [] if way in DEFAULT_WAYS else ["--self_play.surprise_share", "0", "--learner.reuse", "4"]
    others = WAYS if common else DEFAULT_WAYS
    assert next(one for one in others if made_of(one, *common) == made_of(way, *common)) == way
    if not common and way == "usual":
        assert made_of(way) == PRESETS["6x6x4"].with_threads_fixed()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--minutes", "0"], "--minutes 0.0 must be above 0"),
        (["--seeds", "-1"], "--seeds -1 must be above 0"),
        (["--matches", "3"], "--matches 3 must be even, both colours have as many games"),
        (
            ["--matches", "2", "--ways", "tactics"],
            "--matches: the others play against the way 'usual', so it must be ",
        ),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    options: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["recipe", str(tmp_path), "--minutes", "1", *options])
    assert main() == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"benchmarks.recipe: error: {line}")
    assert told.err.count("\n") == 1


def test_a_run_that_fails_is_named_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(tmp_path), "--minutes", "1", "--seeds", "1", "--ways", "usual", "--common", "--device abacus"]
    monkeypatch.setattr(sys, "argv", ["recipe", *arguments])
    monkeypatch.setattr(recipe_runs, "SECONDS_PER_LOOK", 0.1)
    assert main() == 1
    log = tmp_path / "usual-1.log"
    line = f"benchmarks.recipe: usual, seed 1: train.py ended too early, with status 2; see {log}"
    assert capsys.readouterr().err.splitlines()[-1] == line
    assert "abacus" in log.read_text()


def test_a_run_that_is_stopped_early_begins_anew(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.recipe", str(tmp_path), "--minutes", "5", "--seeds", "1"]
    # Small, and with an engine that is told: what is measured before the first game is not what is stopped here.
    small = "--network.channels 8 --self_play.games 8 --device cpu --backend torch --precision float32"
    command += ["--ways", "usual", "--common", f"{small} --learner.precision float32"]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True)
    log = tmp_path / "usual-1.log"
    while not log.is_file() or "self-play" not in log.read_text():
        assert process.poll() is None
        time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    assert process.communicate(timeout=60)[1].endswith("finished runs are kept, the same command goes on\n")
    assert process.returncode == 1
    assert json.loads((tmp_path / "usual-1.made.json").read_text())["is_finished"] is False


def test_runs_of_other_settings_are_not_taken_for_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = argparse.Namespace(
        root=tmp_path, rules="6x6x4", minutes=1.0, every=4, games=20, pure_simulations=100, common=""
    )
    way = "value mix 0.3"
    assert not is_finished(way, 1, asked)
    for is_done in (False, True):
        recipe_runs._write_note(way, 1, asked, is_finished=is_done)
        assert is_finished(way, 1, asked) is is_done
    for other in ({"minutes": 2.0}, {"common": "--network.channels 8"}):
        with pytest.raises(ValueError, match=r"value-mix-0\.3-1\.made\.json tells of a run with other settings"):
            is_finished(way, 1, argparse.Namespace(**{**vars(asked), **other}))
    (tmp_path / "usual-1").mkdir()
    with pytest.raises(ValueError, match=r"usual-1 is there and usual-1\.made\.json, which says what it is, is not"):
        is_finished("usual", 1, asked)
    changed = replace(PRESETS["6x6x4"], seed=5, iteration_positions=99)
    monkeypatch.setitem(PRESETS, "6x6x4", changed)
    with pytest.raises(ValueError, match="other settings"):
        is_finished(way, 1, asked)
