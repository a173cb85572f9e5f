"""What a training run has on the disk: whether two runs are one and the same, and whether one run's books are right.

Owns the comparison that every campaign ends with, and the plain train.py that resumes a run for it.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from nets.tensor_file import read_tensors
from training.metrics import read_metrics

ROOT = Path(__file__).resolve().parent.parent
TIMES = ("seconds", "total_seconds", "self_play_seconds", "learn_seconds", "learner_share", "actors_idle_share")
"""What differs between two runs that are the same."""


class DifferenceError(RuntimeError):
    """A run did not come out as it had to."""


def finish(arguments: list[str]) -> None:
    """Runs train.py to its end.

    Raises:
      RuntimeError: it failed, or passed a checkpoint over.
    """
    finished = subprocess.run(
        [sys.executable, "train.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    if finished.returncode != 0 or "passed over" in finished.stderr:
        raise RuntimeError(f"train.py {' '.join(arguments)}: exit {finished.returncode}: {finished.stderr[-500:]}")


def contents(run: Path) -> dict[str, bytes]:
    """All that a run has to keep; the curve and the last model tell the time."""
    kept = ("checkpoints", "generations", "replay")
    return {str(file.relative_to(run)): file.read_bytes() for kind in kept for file in sorted((run / kind).iterdir())}


def iterations_of(run: Path) -> int:
    """Those that are finished: a checkpoint has its name when it is whole."""
    numbers = [int(file.stem) for file in (run / "checkpoints").glob("*.safetensors")]
    return max(numbers, default=0)


def compare(run: Path, twin: Path) -> int:
    """Compares two runs, all but the times; returns the number of bytes that are alike.

    Raises:
      DifferenceError: names what differs.
    """
    ours, theirs = contents(run), contents(twin)
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    lines = [[_without_times(line) for line in read_metrics(one / "metrics.jsonl")] for one in (run, twin)]
    if lines[0] != lines[1]:
        differing.append("metrics.jsonl")
    if differing:
        raise DifferenceError(f"{run} and one that was left alone differ: {', '.join(differing)}")
    return sum(map(len, theirs.values()))


def _without_times(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in TIMES}


def check_books(run: Path) -> None:
    """Every iteration has its line, the games add up, and none of them is in two iterations.

    Raises:
      DifferenceError: names what is wrong.
    """
    lines = read_metrics(run / "metrics.jsonl")
    if [line["iteration"] for line in lines] != list(range(1, iterations_of(run) + 1)):
        raise DifferenceError(f"{run}: iterations are missing or twice in metrics.jsonl")
    totals = [line["total_games"] for line in lines]
    if totals != [sum(line["games"] for line in lines[: k + 1]) for k in range(len(lines))]:
        raise DifferenceError(f"{run}: the games of the iterations do not add up to all games")
    numbers = [set(read_tensors(file).tensors["game"].tolist()) for file in sorted((run / "replay").iterdir())]
    if sum(map(len, numbers)) != len(set().union(*numbers)):
        raise DifferenceError(f"{run}: a game is in two iterations")
