"""The options that a duel and a tournament have in common: what is played, with what, and who plays it."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from arena.crew_options import add_crew_options
from arena.specs import Contestant
from gomoku.rules import Rules, parse_rules
from nets.engine import ASKED_FOR, AUTO


def add_match_options(parser: argparse.ArgumentParser) -> None:
    """Adds all but `--games` and `--precision`, which mean something else to each of the two."""
    add = parser.add_argument
    add(
        "--openings",
        default="balanced",
        help="empty, balanced, model:PATH[@SIMULATIONS], or a file (default: balanced)",
    )
    add("--seed", type=int, default=0, help="of openings and games (default: 0)")
    add("--rules", help="like 6x6x4, 15x15, standard-15x15 (default: the first model's own, else 15x15)")
    add("--pictures", type=Path, metavar="FOLDER", help="draw the games into this folder, as SVG")
    add("--backend", default=AUTO, choices=ASKED_FOR["backend"], help="what evaluates the networks (default: auto)")
    add("--device", default=AUTO, help="auto, cpu, cuda or mps (default: auto)")
    add_crew_options(parser)


def check_games(games: int, seed: int) -> None:
    """Refuses what `--games` and `--seed` cannot be.

    Raises:
      ValueError: with the option, and what is allowed.
    """
    if games < 2 or games % 2:
        raise ValueError(f"--games {games}: must be an even number from 2, every opening is played twice")
    if seed < 0:
        raise ValueError(f"--seed {seed}: must be 0 or more")


def choose_rules(text: str | None, contestants: Sequence[Contestant]) -> Rules:
    """What `--rules` says; None: the rules of the first model that was trained on any, else the usual ones.

    Raises:
      ValueError: a text that names no rules.
    """
    if text is not None:
        return parse_rules(text)
    return next((one.rules for one in contestants if one.rules is not None), Rules())
