"""Measures one player against another; every opening is played with both colours.

  python evaluate.py models/6x6x4@400 pure@1000 --games 100 --openings empty --seed 7 --json out.json

A player is KIND_OR_PATH[:GENERATION][@LIMIT]: models/6x6x4@400, runs/demo:120@100, runs/demo@0.5s, pure@1000, random.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import torch
from tqdm import tqdm

from arena.duel import Duel, play_duel
from arena.openings import choose_openings
from arena.specs import Contestant, parse_spec
from gomoku.match import SIDE_BY_SIDE
from gomoku.rules import Rules, parse_rules
from nets.tensor_file import write_atomically
from nets.torch_evaluator import PRECISIONS

FEW_DISTINCT = 0.5
"""Below this share of distinct games the user is warned."""
BAD_INPUT, INTERRUPTED = 2, 130


def main() -> int:
    args = parse_arguments()
    try:
        evaluate(args)
    except (ValueError, OSError) as error:
        print(f"evaluate.py: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("\nevaluate.py: stopped; nothing was written", file=sys.stderr, flush=True)
        # Not sys.exit, which waits for threads that are still thinking.
        os._exit(INTERRUPTED)
    return 0


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: error: {message}; see --help\n")


def parse_arguments() -> argparse.Namespace:
    parser = OneLineParser(
        prog="evaluate.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("first", metavar="A", help="the player that is measured")
    add("second", metavar="B", help="the player that it is measured against")
    add("--games", type=int, default=100, help="an even number, two per opening (default: 100)")
    add("--openings", default="balanced", help="empty, balanced, or a file, one opening a line (default: balanced)")
    add("--seed", type=int, default=0, help="of openings and games (default: 0)")
    add("--rules", help="like 6x6x4, 15x15, standard-15x15 (default: the first model's own, else 15x15)")
    add("--json", type=Path, help="write all figures to this file")
    add("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    add("--precision", default="float32", choices=[*PRECISIONS, "auto"], help="of the network (default: float32)")
    add("--threads", type=int, help="default: one per core; only one where a player has seconds per move")
    return parser.parse_args()


def check(args: argparse.Namespace) -> None:
    if args.games < 2 or args.games % 2:
        raise ValueError(f"--games {args.games}: must be an even number from 2, every opening is played twice")
    if args.seed < 0:
        raise ValueError(f"--seed {args.seed}: must be 0 or more")
    if args.threads is not None and args.threads < 1:
        raise ValueError(f"--threads {args.threads}: must be 1 or more")
    if args.json is not None and (args.json.is_dir() or not args.json.parent.is_dir()):
        raise ValueError(f"--json {args.json}: not a file in a folder that exists")


def evaluate(args: argparse.Namespace) -> None:
    """Plays the duel that the arguments ask for; prints its result, and writes it where that is wanted.

    Raises:
      ValueError: something that cannot be played as asked.
      OSError: a file that cannot be read or written.
    """
    check(args)
    torch.set_num_threads(1)
    contestants = [Contestant.find(parse_spec(text)) for text in (args.first, args.second)]
    rules = choose_rules(args.rules, contestants)
    for contestant in contestants:
        if (warning := contestant.warning(rules)) is not None:
            print(f"evaluate.py: {warning}", file=sys.stderr)
    started = time.perf_counter()
    report = {
        "players": [contestant.name for contestant in contestants],
        "rules": rules.name,
        "openings": args.openings,
        "seed": args.seed,
        **play(args, contestants, rules).report(),
        "seconds": round(time.perf_counter() - started, 3),
    }
    print_report(report)
    if report["distinct_games"] < FEW_DISTINCT * report["games"]:
        print(
            f"evaluate.py: only {report['distinct_games']} of {report['games']} games are distinct; the interval "
            "counts the others for nothing: more openings would tell more",
            file=sys.stderr,
        )
    if args.json is not None:
        write_atomically(args.json, json.dumps(report, indent=2).encode() + b"\n")


def choose_rules(text: str | None, contestants: Sequence[Contestant]) -> Rules:
    if text is not None:
        return parse_rules(text)
    return next((one.rules for one in contestants if one.rules is not None), Rules())


def play(args: argparse.Namespace, contestants: Sequence[Contestant], rules: Rules) -> Duel:
    """Plays all games under a progress bar."""
    openings = choose_openings(args.openings, rules, args.games // 2, args.seed)
    is_timed = any(contestant.spec.is_timed for contestant in contestants)
    if is_timed and args.threads not in (None, 1):
        raise ValueError(f"--threads {args.threads}: players with seconds per move play one game at a time")
    threads = 1 if is_timed else min(args.threads or os.cpu_count() or 1, len(openings))
    first, second = (one.players(threads, rules, args.device, args.precision) for one in contestants)
    side_by_side = 1 if is_timed else SIDE_BY_SIDE
    names = " against ".join(contestant.name for contestant in contestants)
    lock = Lock()
    with tqdm(total=args.games, desc=names, unit="game") as bar:

        def count_game() -> None:
            with lock:
                bar.update()

        return play_duel(first, second, openings, args.seed, side_by_side=side_by_side, on_finished=count_game)


def print_report(report: dict[str, Any]) -> None:
    print(f"{' against '.join(report['players'])}, {report['rules']}, openings {report['openings']}")
    print(f"{'':10}{'games':>7}{'wins':>7}{'draws':>7}{'losses':>8}{'score':>8}")
    half = report["games"] // 2
    for name, part, games in (
        ("as Black", report["as_black"], half),
        ("as White", report["as_white"], half),
        ("together", report, report["games"]),
    ):
        score = (part["wins"] + part["draws"] / 2) / games
        print(f"{name:10}{games:7}{part['wins']:7}{part['draws']:7}{part['losses']:8}{score:8.3f}")
    print(f"Elo difference {elo_text(report)}, {report['distinct_games']} distinct games, {report['seconds']:.1f} s")


def elo_text(report: dict[str, Any]) -> str:
    elo, low, high = (
        "no bound" if report[name] is None else f"{report[name]:+.0f}" for name in ("elo", "elo_low", "elo_high")
    )
    if report["elo"] is None:
        return f"above {low} (95 %)" if report["elo_high"] is None else f"below {high} (95 %)"
    return f"{elo} (95 %: {low} to {high})"


if __name__ == "__main__":
    sys.exit(main())
