"""Measures one player against another; every opening is played with both colours.

  python evaluate.py models/6x6x4@400 pure@1000 --games 100 --openings empty --seed 7 --json out.json
  python evaluate.py A B --sprt 0 50                 ends as soon as it is decided
  python evaluate.py A B --workers 8                 the same games in eight processes (without: one per core)
  python evaluate.py A B --workers ray:40 --ray-address auto     the same games in forty processes of a cluster
  python evaluate.py ladder MODEL [--with SPEC ...]  a table and a picture of many players; see ladder --help
  python evaluate.py tournament SPEC SPEC ...        the same of the players named
  python evaluate.py openings RULES --out FILE       openings that both colours can win, for --openings
  python evaluate.py curves RUN RUN ... --out C.png  how fast runs of training grew strong, side by side

A player is KIND_OR_PATH[:GENERATION][@LIMIT]: models/6x6x4@400, runs/demo:120@100, runs/demo@0.5s, models/15x15@easy,
pure@1000, random, scripted:3 (1 to 6), gomocup:COMMAND@0.2s (an outside engine). Before a model, plain: leaves out
tactics, draw=-0.5: says what a draw is worth to it, replies=3: how evenly its opponent's replies are searched.
"""

import sys

from gomoku.starting import end_start, guard_start

if __name__ == "__main__":
    guard_start()

import argparse
import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from arena.commands import run_ladder, run_tournament, write_openings
from arena.crew import WorkerError
from arena.crew_options import CrewOptions
from arena.duel import Duel, duel_units
from arena.duel_report import duel_remarks, duel_text, sprt_text
from arena.game_pictures import check_folder, write_pictures
from arena.match_options import add_match_options, check_games, choose_rules
from arena.openings import choose_openings, opening_blocks
from arena.sequential import MOST_REPEATED, PAIRS_PER_BLOCK, count_sequentially, sequential_units
from arena.specs import Contestant, parse_spec
from arena.sprt import Hypotheses, Sprt
from arena.statistics import score_interval
from arena.units import PAIRS_PER_UNIT, PlayedGame, Unit
from gomoku.command_line import FAILED, INTERRUPTED, OneLineParser, check_writable, refuse
from gomoku.files import write_atomically
from gomoku.leaving import heed_signals
from gomoku.records import GameRecord
from gomoku.rules import Rules
from nets.calibration import EngineOptions
from nets.engine import ASKED_FOR

GAMES, SPRT_GAMES = 100, 4000
"""Where nothing is said: of a duel, and of a sequential test at most."""


def main() -> int:
    command = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        end_start()
        if command is not None:
            command(sys.argv[2:])
        else:
            evaluate(parse_arguments())
    except (ValueError, OSError) as error:
        return refuse("evaluate.py", error)
    except WorkerError as error:
        print(f"evaluate.py: {error}; {what_is_left(command)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"\nevaluate.py: stopped; {what_is_left(command)}", file=sys.stderr)
        return INTERRUPTED
    return 0


def what_is_left(command: object) -> str:
    keeps_games = command in (run_ladder, run_tournament)
    return "finished games are kept" if keeps_games else "nothing was written"


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
    add("--games", type=int, help=f"an even number, two per opening (default: {GAMES}; at most, with --sprt)")
    add("--sprt", type=float, nargs=2, metavar=("ELO0", "ELO1"), help="end when one of the two differences is shown")
    add("--json", type=Path, help="write all figures to this file")
    add(
        "--precision",
        default=["float32"],
        nargs="+",
        choices=ASKED_FOR["precision"],
        help="of the networks: one for both, or one each, in the players' order (default: float32)",
    )
    add("--no-tactics", action="store_true", help="models play by their networks and the bare search alone")
    add_match_options(parser)
    args = parser.parse_args()
    if args.games is None:
        args.games = GAMES if args.sprt is None else SPRT_GAMES
    return args


def check(args: argparse.Namespace) -> None:
    check_games(args.games, args.seed)
    if len(args.precision) > 2:
        raise ValueError(f"--precision {' '.join(args.precision)}: must be one, or two, one for each player")
    check_writable("--json", args.json)
    if args.pictures is not None:
        check_folder(args.pictures)


def evaluate(args: argparse.Namespace) -> None:
    """Plays the duel that the arguments ask for; prints its result, and writes it where that is wanted.

    Raises:
      ValueError: something that cannot be played as asked.
      OSError: a file that cannot be read or written.
    """
    check(args)
    crew_options = CrewOptions.of(args.workers, args.ray_address)
    specs = [parse_spec(text) for text in (args.first, args.second)]
    contestants = [Contestant.find(replace(spec, tactics=False) if args.no_tactics else spec) for spec in specs]
    rules = choose_rules(args.rules, contestants)
    for contestant in contestants:
        if (warning := contestant.warning(rules)) is not None:
            print(f"evaluate.py: {warning}", file=sys.stderr)
    started = time.perf_counter()
    duel, test = play(args, crew_options, contestants, rules)
    report = {
        "players": [contestant.name for contestant in contestants],
        "rules": rules.name,
        "openings": args.openings,
        "seed": args.seed,
        **duel.report(),
        **({} if test is None else {"sprt": test.report()}),
        "seconds": round(time.perf_counter() - started, 3),
    }
    print(duel_text(report))
    if test is not None:
        print(sprt_text(test))
        if test.accepted is None and report["games"] < args.games:
            reason = "the board has no more openings of this kind"
            if test.repeated >= MOST_REPEATED:
                reason = f"the last {test.repeated} pairs repeated earlier ones; other openings would tell more"
            print(f"evaluate.py: {reason}", file=sys.stderr)
    for remark in duel_remarks(report):
        print(f"evaluate.py: {remark}", file=sys.stderr)
    if args.json is not None:
        write_atomically(args.json, json.dumps(report, indent=2).encode() + b"\n")
    if args.pictures is not None:
        print(f"evaluate.py: {write_pictures(records_of(duel, report['players']), args.pictures)}", file=sys.stderr)


def records_of(duel: Duel, names: Sequence[str]) -> list[GameRecord]:
    first, second = names
    return [
        game.record(*players)
        for pair in duel.pairs
        for game, players in zip(pair, ((first, second), (second, first)), strict=True)
    ]


def compare_curves(arguments: Sequence[str]) -> None:
    """Compares runs of training: a table, a picture, and JSON where that is wanted.

    Raises:
      ValueError: what is no run, or cannot be written as asked.
      OSError: a file that cannot be read or written.
    """
    parser = OneLineParser(
        prog="evaluate.py curves", description="Compares how fast runs of training grew strong.", allow_abbrev=False
    )
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="two folders of runs, or more")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png", help="the picture")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    args = parser.parse_args(arguments)
    if len(args.runs) < 2 or len(set(args.runs)) < len(args.runs):
        raise ValueError(f"{' '.join(map(str, args.runs))}: name two runs or more, each once")
    if args.out.suffix.lower() != ".png":
        raise ValueError(f"--out {args.out}: the picture's name has to end in .png")
    check_writable("--out", args.out)
    check_writable("--json", args.json)
    # Here and not above: the rest of this script can do without what training needs.
    from training import curve_comparison  # noqa: PLC0415
    from training.run_curves import read_curve  # noqa: PLC0415

    curves = [read_curve(run, score_interval) for run in args.runs]
    for warning in curve_comparison.warnings(curves):
        print(f"evaluate.py: {warning}", file=sys.stderr)
    print(curve_comparison.comparison_text(curves))
    curve_comparison.draw_comparison(curves, args.out)
    if args.json is not None:
        figures = curve_comparison.comparison_report(curves)
        write_atomically(args.json, json.dumps(figures, indent=2).encode() + b"\n")


COMMANDS = {
    "ladder": run_ladder,
    "tournament": run_tournament,
    "curves": compare_curves,
    "openings": write_openings,
}


def play(
    args: argparse.Namespace, crew_options: CrewOptions, contestants: Sequence[Contestant], rules: Rules
) -> tuple[Duel, Sprt | None]:
    """Plays all games under a progress bar, or as many as a sequential test needs."""
    hypotheses = None if args.sprt is None else Hypotheses(*args.sprt)
    is_timed = any(contestant.spec.is_timed for contestant in contestants)
    if is_timed:
        crew_options.check_clocks()
    num_pairs = args.games // 2
    if hypotheses is None:
        units = duel_units(choose_openings(args.openings, rules, num_pairs, args.seed), args.seed, is_timed=is_timed)
    else:
        blocks = opening_blocks(args.openings, rules, min(PAIRS_PER_BLOCK, num_pairs), args.seed)
        units = sequential_units(blocks, args.seed, num_pairs, is_timed)
    num_units = num_pairs if is_timed else -(-num_pairs // PAIRS_PER_UNIT)
    entrants = [
        one.entrant(
            rules, EngineOptions(args.backend, precision, crew_options.device(args.device)), crew_options.sharing
        )
        for one, precision in zip(contestants, 2 * args.precision, strict=False)
    ]
    names = " against ".join(contestant.name for contestant in contestants)
    with tqdm(total=args.games, desc=names, unit="game") as bar:

        def count_game(_unit: Unit, _index: int, _game: PlayedGame) -> None:
            bar.update()

        def tell(alarm: str) -> None:
            bar.write(f"evaluate.py: {alarm}", file=sys.stderr)

        with closing(crew_options.open_crew(entrants, num_units, is_timed, tell)) as crew:
            played = crew.play(units, count_game)
            return (Duel.of(played), None) if hypotheses is None else count_sequentially(played, hypotheses)


if __name__ == "__main__":
    heed_signals()
    sys.exit(main())
