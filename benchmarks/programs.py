"""What a person waits for and what a run takes: the scripts as real processes."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import Effort, Figure
from benchmarks.subjects import reference_network
from nets.config import PRESETS
from nets.model_file import ModelCard, save_model

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("gomoku", "mcts", "nets", "workers", "training", "arena", "ui", "human_play.py")
"""All that the terminal game needs."""
WARM_STARTS = 3
TRAINING = ("--preset", "6x6x4", "--max_iterations", "1", "--check.every", "1")
"""One iteration with its strength check, everything else by default."""
PLAYING = ("--model", "models/15x15", "--simulations", "400")
ONE_MOVE = "h8\nquit\n"
# Linux hands a process the peak of the one that started it, so a small one stands between.
PEAK_MEMORY_OF = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class StartUp(NamedTuple):
    """Seconds of wall clock."""

    to_prompt: float
    """From the start of the process until it asks for the first move."""
    to_reply: float
    """From the first move until it asks for the next one."""


def start_up(effort: Effort) -> list[Figure]:
    """How long human_play.py takes until a person can move, with kernels cached and without."""
    # A process that still compiles may write a last file there.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        model = Path(folder) / "model.safetensors"
        weights = reference_network("tiny").state_dict()
        save_model(model, PRESETS["tiny"], weights, ModelCard("benchmark", trained_rules=("6x6x4",)))
        _start(ROOT, model)
        warm = [_start(ROOT, model) for _ in range(1 if effort.is_quick else WARM_STARTS)]
        figures = _start_figures("warm", "kernels cached", warm, at_most=2)
        if not effort.is_quick:
            copy = Path(folder) / "copy"
            _copy_program(copy)
            figures += _start_figures("cold", "kernels not cached", [_start(copy, model)], at_most=15)
    return figures


def memory(effort: Effort) -> list[Figure]:
    """The peaks of training runs with the default settings and of a game; nothing where a quick look is asked for."""
    if effort.is_quick:
        return []
    with tempfile.TemporaryDirectory() as folder:
        trained = _peak_of(["train.py", *TRAINING, "--run", f"{folder}/run"])
    note = f"train.py {' '.join(TRAINING)}: largest resident set"
    figures = [Figure("memory", "memory of training", "MB", (trained,), at_most=1_500, note=note)]
    game = ["human_play.py", *PLAYING]
    _peak_of(game, ONE_MOVE)  # The first game after a change compiles kernels, which takes as much again.
    played = _peak_of(game, ONE_MOVE)
    note = f"human_play.py {' '.join(PLAYING)}, one move and its reply, kernels cached: largest resident set"
    figures.append(Figure("memory_playing", "memory of playing", "MB", (played,), at_most=300, note=note))
    return figures


def _peak_of(command: list[str], said: str = "") -> float:
    """The largest resident set of a script of this project, in megabytes.

    Args:
      said: what it is told on its standard input.
    """
    watched = [sys.executable, "-c", PEAK_MEMORY_OF, sys.executable, *command]
    printed = subprocess.run(watched, check=True, input=said, capture_output=True, text=True, cwd=ROOT).stdout
    return int(printed) * (1 if sys.platform == "darwin" else 1024) / 1e6


def _start_figures(key: str, title: str, starts: list[StartUp], at_most: float) -> list[Figure]:
    prompts, replies = zip(*starts, strict=True)
    note = "human_play.py, wall clock, an untrained 6x6x4 model, 400 simulations"
    return [
        Figure(f"prompt_{key}", f"first prompt, {title}", "s", prompts, at_most=at_most, note=note),
        Figure(f"reply_{key}", f"first reply, {title}", "s", replies, note=note),
    ]


def _start(root: Path, model: Path) -> StartUp:
    """Starts the terminal game in `root`, makes one move and leaves."""
    command = [sys.executable, "human_play.py", "--model", str(model), "--simulations", "400"]
    started = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT) as game:
        assert game.stdin is not None
        _read_until(game, b"move 1> ")
        prompted = time.perf_counter()
        game.stdin.write(b"a1\n")
        game.stdin.flush()
        _read_until(game, b"move 3> ")
        replied = time.perf_counter()
        game.communicate(b"quit\n")
    return StartUp(prompted - started, replied - prompted)


def _read_until(game: subprocess.Popen[bytes], prompt: bytes) -> None:
    """Reads what the game prints up to its prompt.

    Raises:
      RuntimeError: it ended without one, with what it said.
    """
    assert game.stdout is not None
    said = b""
    while prompt not in said:
        more = os.read(game.stdout.fileno(), 65536)
        if not more:
            raise RuntimeError(f"human_play.py ended before {prompt.decode()!r}: {said.decode(errors='replace')}")
        said += more


def _copy_program(folder: Path) -> None:
    """Copies the program without anything that was compiled."""
    folder.mkdir()
    for name in PROGRAM:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
