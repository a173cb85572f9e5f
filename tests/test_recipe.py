"""The recipe's experiment: what it reads from runs, how it compares them, and that every way is a command line."""

import json
from pathlib import Path

import pytest

from benchmarks.recipe import WAYS, Outcome, outcome, table
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
    config = settings_of(["--preset", "6x6x4", *WAYS[way]], PRESETS["6x6x4"].network)
    assert (config == PRESETS["6x6x4"].with_threads_fixed()) == (way == "usual")
