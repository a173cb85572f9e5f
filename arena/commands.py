"""`evaluate.py ladder` and `evaluate.py tournament`: what their arguments mean, and how their result is shown.

Owns the arguments, the folder's `table.md`, `table.json` and `ladder.png`, and the progress bar. Interrupted and
started again with the same arguments, both go on where they stopped.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from arena.crew_options import CrewOptions
from arena.game_pictures import check_folder, write_pictures
from arena.journal import Journal, SavedGame, taken
from arena.match_options import add_match_options, check_games, choose_rules
from arena.openings import choose_openings
from arena.specs import Contestant, PlayerSpec, parse_spec
from arena.tournament import Plan, gauntlet, play_tournament, round_robin
from arena.units import Crew, Unit
from gomoku.command_line import OneLineParser
from gomoku.errors import PlayerSpecError
from gomoku.files import write_atomically, write_new_file
from gomoku.opening_lines import openings_text
from gomoku.rules import parse_rules
from nets.calibration import EngineOptions
from nets.engine import ASKED_FOR
from nets.model_file import GENERATIONS
from nets.tensor_file import digest_of

TABLE, FIGURES, PICTURE = "table.md", "table.json", "ladder.png"
USUAL_RUNGS = ("random", "pure@100", "pure@1000", "pure@10000")
SCRIPTED_RUNGS = ("scripted:1", "scripted:2", "scripted:3", "scripted:4", "scripted:5")
"""Levels of the player without a network; those that there are take part."""
ANCHOR = "pure@1000"
"""Has Elo 0 where nobody says otherwise and it takes part; else the player named last."""
GENERATIONS_SHOWN = 3
"""Older selves of a run: at 3/4, 1/2 and 1/4 of its way."""


def run_ladder(arguments: Sequence[str]) -> None:
    """Plays MODEL, its older selves and the usual opponents against each other.

    Raises:
      ValueError: something that cannot be played as asked.
      OSError: a file that cannot be read or written.
    """
    parser = _parser("ladder", "Places a model among random, pure search, scripted players and its older selves.")
    parser.add_argument("model", metavar="MODEL", help="a model or a run, like models/6x6x4@400 or runs/demo@100")
    parser.add_argument("--with", dest="others", nargs="+", default=[], metavar="SPEC", help="more players")
    args = parser.parse_args(arguments)
    model = Contestant.find(parse_spec(args.model))
    names = [model.name, *older_selves(model.spec, model.name), *_scripted(), *USUAL_RUNGS, *args.others]
    contestants = [model, *(Contestant.find(parse_spec(name)) for name in dict.fromkeys(names[1:]))]
    _run(args, _unique(contestants), "ladder", round_robin)


def run_tournament(arguments: Sequence[str]) -> None:
    """Plays a round robin, or a gauntlet of the first player against all others.

    Raises:
      ValueError, OSError: as `run_ladder`.
    """
    parser = _parser("tournament", "Everyone against everyone, every opening with both colours.")
    parser.add_argument("players", metavar="SPEC", nargs="+", help="two players or more")
    parser.add_argument("--gauntlet", action="store_true", help="only the first player against all others")
    args = parser.parse_args(arguments)
    contestants = [Contestant.find(parse_spec(text)) for text in args.players]
    _run(args, contestants, "tournament", gauntlet if args.gauntlet else round_robin)


def write_openings(arguments: list[str]) -> None:
    """Draws openings and writes them into a file that `--openings` takes.

    Raises:
      ValueError, OSError: an option that cannot be, or a file that is there already or cannot be written.
    """
    parser = OneLineParser(prog="evaluate.py openings", description="Writes a file of openings.", allow_abbrev=False)
    add = parser.add_argument
    add("rules", metavar="RULES", help="like 6x6x4, 15x15, standard-15x15")
    add("--count", type=int, default=50, help="how many (default: 50)")
    add(
        "--openings",
        default="balanced",
        help="who finds them even: balanced, or model:PATH[@SIMULATIONS] (default: balanced)",
    )
    add("--seed", type=int, default=0, help="of the draw (default: 0)")
    add("--offsets", action="store_true", help="as Gomocup writes them: offsets from the centre instead of points")
    add("--out", type=Path, required=True, metavar="FILE", help="a file that does not exist yet")
    args = parser.parse_args(arguments)
    if args.count < 1 or args.seed < 0:
        raise ValueError(f"--count {args.count} --seed {args.seed}: at least 1, and 0 or more")
    if args.out.exists():
        raise ValueError(f"--out {args.out} exists already")
    if not args.out.parent.is_dir():
        raise ValueError(f"--out {args.out}: there is no folder {args.out.parent}")
    rules = parse_rules(args.rules)
    drawn = [board.moves for board in choose_openings(args.openings, rules, args.count, args.seed)]
    if not all(drawn):
        raise ValueError(f"--openings {args.openings}: nothing is drawn there")
    write_new_file(args.out, openings_text(drawn, rules.size, args.offsets))
    print(f"{len(drawn)} openings on {rules.name} are in {args.out}")


def older_selves(spec: PlayerSpec, name: str) -> list[str]:
    """Specs of a run's generations, spaced evenly between its beginning and the one that `name` plays."""
    match = re.search(r":(\d+)(@[^@]*)?$", name)
    folder = Path(spec.source) / GENERATIONS
    if match is None or not folder.is_dir():
        return []
    newest = int(match[1])
    kept = sorted(int(path.stem) for path in folder.glob("*.safetensors") if path.stem.isdigit())
    older = [number for number in kept if number < newest]
    if not older:
        return []
    wanted = [newest * part // (GENERATIONS_SHOWN + 1) for part in range(GENERATIONS_SHOWN, 0, -1)]
    nearest = (min(older, key=lambda number: abs(number - want)) for want in wanted)
    return [f"{spec.prefixes}{spec.source}:{number}{spec.limit_name}" for number in dict.fromkeys(nearest)]


def _scripted() -> list[str]:
    found = []
    for name in SCRIPTED_RUNGS:
        try:
            found.append(Contestant.find(parse_spec(name)).name)
        except PlayerSpecError:  # this level is none of this version's
            continue
    return found


def _unique(contestants: Sequence[Contestant]) -> list[Contestant]:
    return list({contestant.name: contestant for contestant in contestants}.values())


def _parser(command: str, description: str) -> OneLineParser:
    parser = OneLineParser(prog=f"evaluate.py {command}", description=description, allow_abbrev=False)
    add = parser.add_argument
    add("--games", type=int, default=28, help="of each two players, an even number, two per opening (default: 28)")
    add("--out", type=Path, help=f"folder of games and tables (default: runs/{command}-RULES)")
    add("--anchor", metavar="PLAYER", help=f"whose Elo is 0 (default: {ANCHOR} if it plays, else who is named last)")
    add("--precision", default="float32", choices=ASKED_FOR["precision"], help="of the networks (default: float32)")
    add_match_options(parser)
    return parser


Meetings = Callable[[int], tuple[tuple[int, int], ...]]


def _run(args: argparse.Namespace, contestants: Sequence[Contestant], title: str, meetings: Meetings) -> None:
    check_games(args.games, args.seed)
    anchor = _choose_anchor(args.anchor, [contestant.name for contestant in contestants])
    crew_options = CrewOptions.of(args.workers, args.ray_address)
    if any(contestant.spec.is_timed for contestant in contestants):
        crew_options.check_clocks()
    if args.pictures is not None:
        check_folder(args.pictures)
    rules = choose_rules(args.rules, contestants)
    for contestant in contestants:
        if (warning := contestant.warning(rules)) is not None:
            print(f"evaluate.py: {warning}", file=sys.stderr)
    engine = EngineOptions(args.backend, args.precision, crew_options.device(args.device))
    entrants = tuple(contestant.entrant(rules, engine, crew_options.sharing) for contestant in contestants)
    openings = tuple(choose_openings(args.openings, rules, args.games // 2, args.seed))
    plan = Plan(entrants, meetings(len(entrants)), openings, args.seed)
    settings = {"rules": rules.name, "openings": args.openings, "seed": args.seed}
    settings |= {name: getattr(args, name) for name in ("backend", "precision", "device")}
    models = {one.name: digest_of(one.model.weights) for one in contestants if one.model is not None}
    folder = args.out or Path("runs") / f"{title}-{rules.name}"
    with taken(folder):
        journal = Journal(folder, settings, models)
        try:
            _play(plan, journal, crew_options)
        finally:
            journal.write_collection()
            print(f"evaluate.py: games are in {journal.folder}; the same command goes on there", file=sys.stderr)
    if args.pictures is not None:
        print(f"evaluate.py: {write_pictures(journal.records, args.pictures)}", file=sys.stderr)
    _show(plan, journal, anchor, f"{title}, {rules.name}, {args.games} games each")


def _choose_anchor(name: str | None, names: Sequence[str]) -> str:
    if name is None:
        return ANCHOR if ANCHOR in names else names[-1]
    if name not in names:
        raise ValueError(f"--anchor {name}: is none of the players: {', '.join(names)}")
    return name


def _play(plan: Plan, journal: Journal, crew_options: CrewOptions) -> None:
    done = sum(key in journal.games for meeting in plan.meetings for pair in plan.pairs(meeting) for key in pair)
    with tqdm(total=plan.num_games, initial=done, unit="game") as bar:

        def tell(alarm: str) -> None:
            bar.write(f"evaluate.py: {alarm}", file=sys.stderr)

        def show(game: SavedGame) -> None:
            bar.update()
            if game.record.comment:
                bar.write(game.record.comment.splitlines()[0], file=sys.stderr)

        def open_crew(units: Sequence[Unit]) -> Crew:
            return crew_options.open_crew(plan.entrants, len(units), units[0].is_timed, tell)

        play_tournament(plan, journal, open_crew, show)


def _show(plan: Plan, journal: Journal, anchor: str, title: str) -> None:
    # Here and not above: scipy and matplotlib take a second to load, and no other command needs them.
    from arena.picture import draw_standings  # noqa: PLC0415
    from arena.standings import markdown, report, standings  # noqa: PLC0415

    result = standings(plan, journal.games, anchor)
    text = markdown(result)
    figures: dict[str, Any] = report(result, plan)
    write_atomically(journal.folder / TABLE, f"# {title}\n\n{text}".encode())
    write_atomically(journal.folder / FIGURES, json.dumps(figures, indent=2).encode() + b"\n")
    draw_standings(result, journal.folder / PICTURE, title)
    print(text)
