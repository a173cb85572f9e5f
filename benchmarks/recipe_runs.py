"""The runs of the recipe's experiment: which ways there are, how one is trained, and what it came to."""

import argparse
import json
import math
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from training.metrics import read_metrics
from training.presets import PRESETS
from training.start import settings_of

ROOT = Path(__file__).resolve().parent.parent
TACTICS = (
    *("--search.tactics.win_now", "true", "--search.tactics.must_block", "true"),
    *("--search.tactics.open_four", "true"),
)
WAYS: dict[str, tuple[str, ...]] = {
    "usual": (),
    "tactics": TACTICS,
    "tactics, VCF": (*TACTICS, "--search.tactics.vcf_nodes", "50"),
    "tactics, a quarter played out": (*TACTICS, "--self_play.play_out", "0.25"),
    "halving, 16 simulations": ("--search.halving_moves", "8", "--self_play.simulations", "16"),
    "halving, 32 simulations": ("--search.halving_moves", "16", "--self_play.simulations", "32"),
    "playout cap": (
        *("--self_play.full_share", "0.25", "--self_play.simulations", "120"),
        *("--self_play.quick_simulations", "24"),
    ),
    "value mix 0.3": ("--learner.value_mix", "0.3"),
    "progressive simulations": (
        "--stages",
        '[{"simulations": 20}, {"at": 20000, "simulations": 35}, {"at": 40000, "simulations": 50}, '
        '{"at": 90000, "simulations": 80}]',
    ),
    "progressive simulations, twice as long": (
        "--stages",
        '[{"simulations": 20}, {"at": 40000, "simulations": 35}, {"at": 80000, "simulations": 50}, '
        '{"at": 180000, "simulations": 80}]',
    ),
    "a quarter played out": ("--self_play.play_out", "0.25"),
    "pruned targets": ("--self_play.prune_targets", "true"),
    "every position once": ("--self_play.surprise_share", "0"),
    "surprise 0.5": ("--self_play.surprise_share", "0.5"),
    "surprise 0.5, value mix 0.3": ("--self_play.surprise_share", "0.5", "--learner.value_mix", "0.3"),
    "reply head 0.15": ("--learner.reply_weight", "0.15"),
    "newest weights": ("--learner.averaging", "0"),
    "reuse 8": ("--learner.reuse", "8"),
    "open lines": ("--network.line_planes", "true"),
    "grown from 7x7": (
        "--stages",
        '[{"boards": {"7x7x5": 1}}, {"at": 40000, "boards": {"7x7x5": 1, "9x9x5": 1}}, '
        '{"at": 80000, "boards": {"9x9x5": 1}}]',
    ),
}
"""What is added to the usual command line; the first is what the others are compared with."""
DEFAULT_WAYS = [way for way in WAYS if not way.startswith(("surprise", "reuse", "open lines"))]
"""Presets have surprise weighting, from 8x8 on open lines, and 6x6x4 has 8 uses of a position: the others are for
`--common "--self_play.surprise_share 0"` and the like."""
SECONDS_PER_LOOK = 0.5
CHECKS_AT_THE_END = 2


class RunFailedError(Exception):
    """One line: which run or match, and where its log is."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    seconds_to_score: float | None
    """None: not in its time."""
    score: float
    """Mean of its last checks."""
    positions: int


def outcome(run: Path, wanted: float) -> Outcome:
    """Reads a finished run.

    Args:
      wanted: score, in [0, 1].
    """
    lines = read_metrics(run / "metrics.jsonl")
    checked = [line for line in lines if line["check"] is not None]
    last = [line["check"]["score"] for line in checked[-CHECKS_AT_THE_END:]]
    first = next((line["total_seconds"] for line in checked if line["check"]["score"] >= wanted), None)
    return Outcome(first, statistics.fmean(last) if last else math.nan, lines[-1]["total_positions"])


def folder_of(root: Path, way: str, seed: int) -> Path:
    return root / f"{way.replace(', ', '-').replace(' ', '-')}-{seed}"


def options_of(way: str, seed: int, options: argparse.Namespace) -> list[str]:
    """What a run is made with: `train.py`'s options, but for its folder."""
    made_with = ["--preset", options.rules, "--seed", str(seed), "--self_play.threads", "1", "--learner.threads", "1"]
    made_with += ["--check.suite=[0]", "--check.every", str(options.every), "--check.games", str(options.games)]
    made_with += ["--check.pure_simulations", str(options.pure_simulations)]
    return [*made_with, *shlex.split(options.common), *WAYS[way]]


def is_finished(way: str, seed: int, options: argparse.Namespace) -> bool:
    """Whether the run is there already.

    Raises:
      ValueError: there is one of other settings, or one that is not of such an experiment.
    """
    note, run = _note_of(way, seed, options), folder_of(options.root, way, seed)
    if not note.is_file():
        if run.exists():
            raise ValueError(f"{run} is there and {note.name}, which says what it is, is not; name another folder")
        return False
    noted = json.loads(note.read_text(encoding="utf-8"))
    if noted["asked"] != _question(way, seed, options):
        raise ValueError(f"{note} tells of a run with other settings; name another folder")
    return bool(noted["is_finished"])


def _note_of(way: str, seed: int, options: argparse.Namespace) -> Path:
    root: Path = options.root
    return root / f"{folder_of(root, way, seed).name}.made.json"


def _write_note(way: str, seed: int, options: argparse.Namespace, *, is_finished: bool) -> None:
    noted = {"asked": _question(way, seed, options), "is_finished": is_finished}
    _note_of(way, seed, options).write_text(json.dumps(noted), encoding="utf-8")


def _question(way: str, seed: int, options: argparse.Namespace) -> Any:
    """What a run is made of, as JSON gives it back: its settings, since presets may change under a command line."""
    settings = settings_of(options_of(way, seed, options), PRESETS[options.rules].network)
    return json.loads(json.dumps({"cpu_minutes": options.minutes, "settings": asdict(settings)}))


def train(way: str, seed: int, options: argparse.Namespace) -> None:
    """Trains one run in a process of its own.

    Raises:
      RunFailedError: it failed, or ended before its time.
    """
    run = folder_of(options.root, way, seed)
    if run.exists():
        shutil.rmtree(run)
    _write_note(way, seed, options, is_finished=False)
    command = [sys.executable, "train.py", "--run", str(run), "--minutes", "100000", *options_of(way, seed, options)]
    log_file = options.root / f"{run.name}.log"
    with log_file.open("w", encoding="utf-8") as log:
        process = psutil.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        while process.poll() is None and _cpu_seconds(process) < 60 * options.minutes:
            time.sleep(SECONDS_PER_LOOK)
        is_in_time = process.poll() is None  # Ctrl-C ends it early, and in good order
        if is_in_time:
            process.send_signal(signal.SIGINT)
        status = process.wait()
    if status != 0 or not is_in_time:
        raise RunFailedError(f"{way}, seed {seed}: train.py ended too early, with status {status}; see {log_file}")
    if not (run / "metrics.jsonl").is_file() or not read_metrics(run / "metrics.jsonl"):
        raise RunFailedError(f"{way}, seed {seed}: no iteration in {options.minutes} minutes; give it more --minutes")
    _write_note(way, seed, options, is_finished=True)


def _cpu_seconds(process: psutil.Popen) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:  # it has just ended
        return 0.0
    return float(spent.user + spent.system)
