"""What is written down of each iteration, and what is alarming about it."""

import json
import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gomoku.errors import CheckpointError
from gomoku.files import named_in_errors, write_atomically
from gomoku.rules import BLACK, WHITE
from training.harvest import Harvest
from training.learner import Losses
from training.run_folder import RunFolder

BLACK_SHARE_LOW, BLACK_SHARE_HIGH = 0.10, 0.95
"""Black's share of decided games beyond which one colour has given up learning. Six by six four-in-a-row is won by
the first player, and with random first moves Black still wins some 60 to 85 %."""
DECIDED_GAMES_NEEDED = 50
DISTINCT_SHARE_LOW = 0.9
ENTROPY_LOW = 0.05
"""Nats. A search that has proven its move has none; an average as low as this means a policy that fell in."""


@dataclass(frozen=True)
class IterationMetrics:
    """One line of metrics.jsonl."""

    iteration: int
    seconds: float
    """Wall clock of this iteration."""
    total_seconds: float
    """Of all iterations so far, over all resumes."""
    self_play_seconds: float
    learn_seconds: float
    boards: dict[str, int]
    """Positions by rules."""
    games: int
    total_games: int
    positions: int
    total_positions: int
    simulations: int
    window: int
    learnt: int
    black_wins: int
    white_wins: int
    draws: int
    mean_plies: float
    distinct_games: int
    cut_short: int
    """Searches that ended early because their tree was full."""
    learner_share: float
    """Of the wall clock, in which the learner learnt."""
    actors_idle_share: float
    """Of the wall clock, in which the actors did not play: because the learner learnt, or had not caught up."""
    generations_behind: float
    """How much older, on average, the network that began a game was than the newest that played in it."""
    sparring_games: int
    """Of the games, those in which the sparring partner had a side."""
    sparring_score: float | None
    """The network's in them, a draw half a point; None: there were none."""
    duplicates: int
    """Finished games that came a second time from an actor that was started again, and were dropped."""
    policy_loss: float | None
    """This and the next three: None where the new positions were not worth a step."""
    value_loss: float | None
    policy_entropy: float | None
    gradient_norm: float | None
    reply_loss: float | None
    """As those; 0 where the opponent's answer is not learnt."""
    learning_rate: float
    check: dict[str, Any] | None
    """The strength check, where there was one."""
    alarms: list[str]


@dataclass(frozen=True)
class GameFigures:
    """What an iteration's games look like from far away; see `IterationMetrics`."""

    boards: dict[str, int]
    """Positions by rules."""
    games: int
    positions: int
    black_wins: int
    white_wins: int
    draws: int
    mean_plies: float
    distinct_games: int
    sparring_games: int
    sparring_score: float | None


def figures_of(harvest: Harvest) -> GameFigures:
    winners = [game.winner for game in harvest.games]
    points = [(1 - game.winner * game.partner) / 2 for game in harvest.games if game.partner]
    boards: Counter[str] = Counter()
    for game in harvest.games:
        boards[game.rules.name] += len(game.samples)
    return GameFigures(
        boards=dict(boards),
        games=len(winners),
        positions=boards.total(),
        black_wins=winners.count(BLACK),
        white_wins=winners.count(WHITE),
        draws=winners.count(0),
        mean_plies=float(np.mean([len(game.moves) for game in harvest.games])) if winners else 0.0,
        distinct_games=len({game.moves for game in harvest.games}),
        sparring_games=len(points),
        sparring_score=float(np.mean(points)) if points else None,
    )


def alarms_of(figures: GameFigures, losses: Losses | None) -> list[str]:
    """One line for each thing that a person should look at."""
    alarms = []
    decided = figures.black_wins + figures.white_wins
    if decided >= DECIDED_GAMES_NEEDED:
        share = figures.black_wins / decided
        if not BLACK_SHARE_LOW <= share <= BLACK_SHARE_HIGH:
            alarms.append(f"Black wins {share:.0%} of {decided} decided games: one colour no longer learns to win")
    if figures.games and figures.distinct_games < DISTINCT_SHARE_LOW * figures.games:
        alarms.append(f"only {figures.distinct_games} of {figures.games} games are distinct: too little exploration")
    if losses is not None and losses.policy_entropy < ENTROPY_LOW:
        alarms.append(f"the policy's entropy is {losses.policy_entropy:.3f} nats: it has collapsed")
    return alarms


def append_metrics(folder: RunFolder, metrics: IterationMetrics) -> None:
    with named_in_errors(folder.metrics), folder.metrics.open("a") as file:
        file.write(json.dumps(asdict(metrics)) + "\n")
        file.flush()
        os.fsync(file.fileno())  # on the disk before the checkpoint that counts on it


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Reads metrics.jsonl; a last line that a crash cut short is passed over.

    Raises:
      CheckpointError: another line is damaged; without it neither the time nor the curve of the run would be right.
    """
    texts = path.read_text(errors="replace").splitlines() if path.is_file() else []
    lines: list[dict[str, Any]] = []
    for number, text in enumerate(texts, 1):
        try:
            line = json.loads(text)
            if not isinstance(line, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError):
            if number == len(texts):
                break
            raise _damaged(path, number) from None
        lines.append(line)
    return lines


def _damaged(path: Path, line: int) -> CheckpointError:
    return CheckpointError(f"{path}, line {line}: damaged; repair the line or delete it")


def cut_metrics(folder: RunFolder, iteration: int) -> float:
    """Drops the lines of iterations that came after the checkpoint and returns the seconds of the rest.

    Raises:
      CheckpointError: a line is damaged; nothing is dropped then.
    """
    every = read_metrics(folder.metrics)
    for number, line in enumerate(every, 1):
        if not (isinstance(line.get("iteration"), int) and isinstance(line.get("seconds"), int | float)):
            raise _damaged(folder.metrics, number)
    lines = [line for line in every if line["iteration"] <= iteration]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    if folder.metrics.is_file() and folder.metrics.read_text(errors="replace") != text:
        write_atomically(folder.metrics, text.encode())
    return math.fsum(line["seconds"] for line in lines)


def note_check(folder: RunFolder, check: dict[str, Any], seconds: float) -> float:
    """Puts a strength check that was made later, and its time, into the newest line; returns the seconds added."""
    lines = read_metrics(folder.metrics)
    if not lines:
        return 0.0
    newest = lines[-1]
    newest["check"] = check
    newest["seconds"] += seconds
    newest["total_seconds"] += seconds
    write_atomically(folder.metrics, "".join(json.dumps(line) + "\n" for line in lines).encode())
    return seconds


def checks_in(lines: Sequence[dict[str, Any]]) -> list[tuple[float, dict[str, Any]]]:
    """The strength checks with the minutes of training at which they were made."""
    return [(line["total_seconds"] / 60, line["check"]) for line in lines if line["check"] is not None]
