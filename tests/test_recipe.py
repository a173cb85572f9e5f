"""The recipe's experiment: what it reads from runs, how it compares them, and that every way is a command line."""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.recipe import table
from benchmarks.recipe_runs import ROOT, WAYS, Outcome, is_finished, options_of, outcome
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


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_one_that_training_knows(way: str) -> None:
    options = ["--preset", "6x6x4", "--self_play.surprise_share", "0.25"]
    usual, config = (settings_of([*options, *more], PRESETS["6x6x4"].network) for more in ([], WAYS[way]))
    assert (config == usual) == (way == "usual")


def experiment(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.recipe", str(folder), "--rules", "5x5x4", "--minutes", "1"]
    return subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=False)


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
def test_what_cannot_be_is_told_in_a_line(options: list[str], line: str, tmp_path: Path) -> None:
    done = experiment(tmp_path, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"benchmarks.recipe: error: {line}")
    assert done.stderr.count("\n") == 1


def test_a_run_that_fails_is_named_with_its_log(tmp_path: Path) -> None:
    done = experiment(tmp_path, "--seeds", "1", "--ways", "usual")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    log = tmp_path / "usual-1.log"
    assert last == f"benchmarks.recipe: usual, seed 1: train.py ended with status 2; see {log}"
    assert "5x5x4" in log.read_text(), "there is no such preset"


def test_runs_of_other_options_are_not_taken_for_these(tmp_path: Path) -> None:
    asked = argparse.Namespace(
        root=tmp_path, rules="6x6x4", minutes=1.0, every=4, games=20, pure_simulations=100, common=""
    )
    assert not is_finished("value mix 0.3", 1, asked)
    note = tmp_path / "value-mix-0.3-1.made.json"
    note.write_text(json.dumps({"cpu_minutes": 1.0, "options": options_of("value mix 0.3", 1, asked)}))
    assert is_finished("value mix 0.3", 1, asked)
    for other in ({"minutes": 2.0}, {"common": "--network.channels 8"}):
        with pytest.raises(ValueError, match=f"{re.escape(str(note))} tells of a run with other options"):
            is_finished("value mix 0.3", 1, argparse.Namespace(**{**vars(asked), **other}))
