"""Ground truth: how many positions of each grade a player solves.

  python -m arena.suite models/6x6x4 --rules 6x6x4
  python -m arena.suite scripted:3 pure@1000 --rules 15x15
  python -m arena.suite --make

A model without a limit is asked three times: its network alone, and with 100 and 1,000 simulations.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean

from arena.specs import Contestant, parse_spec
from arena.suite_maker import SEED, make_suite
from arena.suite_positions import (
    POSITIONS_FILE,
    Grade,
    Place,
    Position,
    all_symmetries,
    fast_subset,
    load_positions,
    positions_for,
)
from gomoku.board import Board
from gomoku.command_line import FAILED, OneLineParser, refuse
from gomoku.player import Decision, Limit, Player, limits_for
from gomoku.rules import Rules, parse_rules
from mcts.config import NO_TACTICS, PLAY_TACTICS, SearchConfig
from mcts.evaluator import Evaluator, positions_of
from mcts.player import PlayerOptions, SearchPlayer

SIMULATIONS = (100, 1000)


class PolicyPlayer:
    """A bare network: the legal move with the highest prior, no search."""

    def __init__(self, name: str, evaluator: Evaluator) -> None:
        self.name = name
        self.evaluator = evaluator

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        """See `gomoku.player.Player`. Of the limits only the seeds are used."""
        seeds = [one.seed or 0 for one in limits_for(boards, limit)]
        evaluation = self.evaluator.evaluate(positions_of(boards, seeds))
        moves = evaluation.priors.argmax(axis=1)
        return [Decision(int(move), value=float(value)) for move, value in zip(moves, evaluation.values, strict=True)]


def solved(player: Player, positions: Sequence[Position], limit: Limit | None = None) -> list[bool]:
    """Whether the player finds a correct move, position by position.

    Those of the same rules are decided in one call. `limit` None: the player's own; the seed is 0 unless it has one.

    Raises:
      ValueError: rules that the player cannot play.
    """
    limit = limit or Limit(seed=0)
    answers = [False] * len(positions)
    by_rules: dict[str, list[int]] = defaultdict(list)
    for number, position in enumerate(positions):
        by_rules[position.rules].append(number)
    for numbers in by_rules.values():
        decisions = player.decide([positions[number].board() for number in numbers], limit)
        for number, decision in zip(numbers, decisions, strict=True):
            answers[number] = decision.move in positions[number].best
    return answers


def suite_shares(evaluator: Evaluator, positions: Sequence[Position], simulations: Sequence[int]) -> dict[str, float]:
    """The share of all the positions that a network solves, in [0, 1], by who solves; empty without positions.

    Args:
      simulations: for each a search without tactics and one with them, as in `"100"` and `"100 tactics"`; 0 stands
        for the network alone, `"network"`.
    """
    players: dict[str, tuple[Player, Limit]] = {}
    for count in simulations:
        limit = Limit(simulations=count or 1, seed=0)
        if count == 0:
            players["network"] = PolicyPlayer("network", evaluator), limit
            continue
        for name, tactics in ((f"{count}", NO_TACTICS), (f"{count} tactics", PLAY_TACTICS)):
            options = PlayerOptions(limit=limit, search=SearchConfig(tactics=tactics))
            players[name] = SearchPlayer(name, evaluator, options), limit
    if not positions:
        return {}
    return {name: mean(solved(player, positions, limit)) for name, (player, limit) in players.items()}


def _shares(grades: Iterable[Grade], answers: Sequence[bool]) -> dict[Grade, float]:
    by_grade: dict[Grade, list[bool]] = defaultdict(list)
    for grade, answer in zip(grades, answers, strict=True):
        by_grade[grade].append(answer)
    return {grade: sum(by_grade[grade]) / len(by_grade[grade]) for grade in sorted(by_grade)}


def shares_by_place(positions: Sequence[Position], answers: Sequence[bool]) -> dict[Place, float]:
    """The share solved at the centre, at edges and in corners."""
    return {
        place: sum(answer for one, answer in zip(positions, answers, strict=True) if one.place == place) / count
        for place in Place
        if (count := sum(one.place == place for one in positions))
    }


def players_named(text: str, rules: Rules) -> dict[str, tuple[Player, Limit]]:
    """The players of one argument by the heading of their column, with their limits.

    Raises:
      ValueError: a spec that names no player.
    """
    contestant = Contestant.find(parse_spec(text))
    player = contestant.players(1, rules)[0]
    if contestant.model is None or "@" in text or not isinstance(player, SearchPlayer):
        return {contestant.name: (player, Limit(seed=0))}
    columns: dict[str, tuple[Player, Limit]] = {
        f"{text} bare": (PolicyPlayer(text, player.evaluator), Limit(seed=0)),
    }
    for simulations in SIMULATIONS:
        columns[f"{text} @{simulations}"] = (player, Limit(simulations=simulations, seed=0))
    return columns


def table(positions: Sequence[Position], columns: Mapping[str, Sequence[bool]]) -> str:
    """The shares by grade and by place as lines of text."""
    width = max(len(grade) for grade in Grade) + 2
    heads = [max(len(name), 7) + 2 for name in columns]
    lines = [
        " " * width + f"{'n':>5}" + "".join(f"{name:>{head}}" for name, head in zip(columns, heads, strict=True))
    ]
    shares = [_shares((one.grade for one in positions), answers) for answers in columns.values()]
    by_place = [shares_by_place(positions, answers) for answers in columns.values()]
    for grade in sorted({one.grade for one in positions}):
        row = "".join(f"{share[grade]:>{head}.3f}" for share, head in zip(shares, heads, strict=True))
        lines.append(f"{grade:{width}}{sum(one.grade == grade for one in positions):5}{row}")
    for place in sorted({one.place for one in positions}):
        row = "".join(f"{share[place]:>{head}.3f}" for share, head in zip(by_place, heads, strict=True))
        lines.append(f"{place:{width}}{sum(one.place == place for one in positions):5}{row}")
    return "\n".join(lines)


def _parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = OneLineParser(
        prog="arena.suite",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("players", nargs="*", metavar="PLAYER", help="a player, as evaluate.py takes it")
    add("--rules", help="like 6x6x4 or renju-15x15 (default: all that the suite has)")
    add("--fast", action="store_true", help="at most 64 positions per set of rules, those that training logs")
    add("--symmetries", action="store_true", help="every position in all eight symmetries")
    add("--make", action="store_true", help="make the file of positions again")
    add("--seed", type=int, default=SEED, help=f"of --make (default: {SEED})")
    add("--output", type=Path, default=POSITIONS_FILE, help="where --make writes")
    return parser.parse_args(arguments)


def _choose(args: argparse.Namespace) -> list[Position]:
    names = [args.rules] if args.rules else list(dict.fromkeys(one.rules for one in load_positions()))
    known = dict.fromkeys(one.rules for one in load_positions())
    chosen = []
    for rules in (parse_rules(name) for name in names):
        positions = fast_subset(rules) if args.fast else positions_for(rules)
        if not positions:
            raise ValueError(
                f"--rules {args.rules}: the suite has no positions of {rules.name}; it has {', '.join(known)}"
            )
        chosen += positions
    return all_symmetries(chosen) if args.symmetries else chosen


def run(arguments: Sequence[str]) -> None:
    """Does what the command line asks for.

    Raises:
      ValueError: bad arguments, with what is allowed.
      OSError: a file that cannot be read or written.
    """
    args = _parse_arguments(arguments)
    if args.make:
        positions = make_suite(args.seed, progress=lambda text: print(text, file=sys.stderr, flush=True))
        args.output.write_text("".join(f"{one.line()}\n" for one in positions), encoding="ascii")
        return
    if not args.players:
        raise ValueError("no player is named; write one like models/6x6x4, scripted:3 or pure@1000")
    positions = _choose(args)
    answers: dict[str, list[bool]] = {}
    started = time.perf_counter()
    for text in args.players:
        for name, (player, limit) in players_named(text, parse_rules(positions[0].rules)).items():
            answers[name] = solved(player, positions, limit)
    print(table(positions, answers))
    print(f"{len(positions)} positions, {time.perf_counter() - started:.1f} s")


def main() -> int:
    try:
        run(sys.argv[1:])
    except (ValueError, OSError) as error:
        return refuse("arena.suite", error)
    except KeyboardInterrupt:
        print("arena.suite: stopped", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
