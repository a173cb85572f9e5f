"""Play Gomoku in the terminal: against an AI, against each other, or watch two AIs.

python human_play.py                                                  the best shipped model, you are Black
python human_play.py --model models/6x6x4 --simulations 400 --colour white
python human_play.py --black human --white pure@1000 --rules 8x8
python human_play.py --load game.sgf
python human_play.py gomocup --help                                   an engine for Piskvork and other programs
python human_play.py web                                              a page in the browser: play and analyse
python human_play.py picture game.sgf game.svg --animated             a game as a picture
"""

import sys

from gomoku.starting import end_start, guard_start

if __name__ == "__main__":
    guard_start()

import argparse
import importlib.metadata
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from arena.levels import LEVELS
from gomoku.board import Board
from gomoku.command_line import OneLineParser, refuse, status_of, write
from gomoku.leaving import heed_signals, leave_at_once
from gomoku.notation import parse_moves
from gomoku.player import Limit, PlayerFactory
from gomoku.record_files import read_tree_or_line
from gomoku.records import GameRecord, record_of
from gomoku.rules import BLACK, RULES_EXAMPLES, WHITE, Rules
from ui import picture_command
from ui.arguments import (
    SPECS,
    add_engine_options,
    check_rules,
    make_gomocup_parser,
    make_web_parser,
    rules_argument,
    seconds,
    whole_number,
)
from ui.capability import is_screen_possible, is_textual_installed
from ui.drawing import farewell
from ui.gomocup_driver import about_text, serve
from ui.interruptible import leave
from ui.lazy_player import LazyPlayer
from ui.session import HUMAN, GameSession
from ui.terminal import TerminalGame, read_line

PROGRAM = "human_play.py"
THE_MODEL = "model"
"""In place of a player spec: the one that --model names, or the default."""
COLOURS = {"black": BLACK, "white": WHITE}
THEMES = ("dark", "light")


def make_parser() -> OneLineParser:
    what, _, examples = (__doc__ or "").partition("\n\n")
    parser = OneLineParser(
        prog=PROGRAM,
        description=what,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help=f"the AI: {SPECS}; default: the best in models/")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--simulations", type=whole_number, metavar="N", help="of the AI per move; default 400")
    limits.add_argument("--seconds", type=seconds, metavar="S", help="of the AI per move, in place of simulations")
    add("--level", choices=[level.name for level in LEVELS], help="of a model; default full")
    add("--colour", choices=COLOURS, help="yours; default black, who begins")
    add("--black", metavar="SPEC", help=f"who plays Black: {HUMAN} or a player as in --model")
    add("--white", metavar="SPEC", help="who plays White")
    add("--rules", type=rules_argument, metavar="RULES", help=f"{RULES_EXAMPLES}; default: the AI's own, else 15x15")
    add_engine_options(parser)
    add("--no-tactics", action="store_true", help="the AI plays by its network and the bare search alone")
    beginnings = parser.add_mutually_exclusive_group()
    beginnings.add_argument("--load", type=Path, metavar="FILE", help="go on from a saved game (.sgf, .psq or .json)")
    beginnings.add_argument("--moves", metavar="MOVES", help="go on from these moves, such as h8i9g7")
    add("--plain", action="store_true", help="plain lines, also at a terminal that could show a full screen")
    add("--theme", choices=THEMES, default="dark", help="of the full screen; default dark")
    add("--games", type=whole_number, default=1, metavar="N", help="between two AIs, one after another; default 1")
    return parser


def play_gomocup(arguments: Sequence[str]) -> NoReturn:
    """Serves a Gomocup manager and ends the process."""
    parser = make_gomocup_parser([level.name for level in LEVELS])
    options = parser.parse_args(arguments)
    if options.model:
        from arena.interactive import check_level, find_contestant  # noqa: PLC0415 - as below

        try:
            check_level(options.level, [options.model])
            find_contestant(options.model)
        except (ValueError, OSError) as error:
            sys.exit(refuse(parser.prog, error))

    def factory() -> PlayerFactory:
        from arena.player_factory import ModelFactory  # noqa: PLC0415 - the first START loads it, END need not wait

        return ModelFactory(options.model, options.device, options.precision, options.backend)

    try:
        version = importlib.metadata.version("gomoku-zero")
    except importlib.metadata.PackageNotFoundError:  # a copy that was never installed
        version = "unknown"
    status = serve(factory, options.level, about_text(version))
    # A thought may still be under way in its thread, and END allows no time to wait for it.
    leave_at_once(status)


def play_web(arguments: Sequence[str]) -> int:
    """Serves the page until Ctrl-C."""
    options = make_web_parser().parse_args(arguments)
    try:
        from ui.web import server  # noqa: PLC0415 - an extra that may not be installed
    except ModuleNotFoundError as error:
        return refuse(
            PROGRAM, f"the page needs the package {error.name}; install this project with its extra, .[web]"
        )
    from arena.interactive import default_model, find_contestant  # noqa: PLC0415 - as in make_session
    from arena.player_factory import ModelFactory  # noqa: PLC0415

    try:
        rules = options.rules or find_contestant(options.model or default_model(None)).rules or Rules()
        factory = ModelFactory(options.model, options.device, options.precision, options.backend)
        server.serve(factory, server.WebOptions(options.host, options.port, rules), write)
    except OSError as error:
        return refuse(PROGRAM, f"{options.host}:{options.port}: {(error.strerror or str(error)).partition(' (')[0]}")
    except ValueError as error:
        return refuse(PROGRAM, str(error).splitlines()[0])
    return 0


def seats_of(options: argparse.Namespace) -> dict[int, str]:
    """Who sits where: HUMAN, THE_MODEL or a player spec. A seat left open goes to the opposite of its opponent."""
    named = {BLACK: options.black, WHITE: options.white}
    if options.colour is not None and any(named.values()):
        raise ValueError("--colour says where you sit; leave it out where --black or --white say it")
    if not any(named.values()):
        named[COLOURS[options.colour or "black"]] = HUMAN
    return {colour: spec or (THE_MODEL if named[-colour] == HUMAN else HUMAN) for colour, spec in named.items()}


class Prepared(NamedTuple):
    """A game that can begin."""

    session: GameSession
    players: tuple[LazyPlayer, ...]
    """All who are needed from the start, not made yet: who sits at the board, and a model that is named for hints."""
    factory: PlayerFactory
    """Of whoever gives hints."""
    notes: tuple[str, ...]
    """What is to be said beforehand."""
    warn: Callable[[Rules], str | None]
    """What is to be said about the AI under other rules."""


def prepare(options: argparse.Namespace) -> Prepared:
    """Finds the players and the position to begin with.

    Raises:
      ValueError, OSError: something on the command line is not to be had; the first line says what.
    """
    loaded, complaint = read_tree_or_line(options.load, options.rules) if options.load else (None, "")
    rules = loaded.game.rules if loaded else options.rules
    if loaded:
        check_rules(options.rules, rules, options.load)
    seats = seats_of(options)
    if options.games > 1 and HUMAN in seats.values():
        raise ValueError("--games is for two AIs; with a person at the board, type new after a game")

    # Here and not above: kernels and networks take a second to load, and wrong options are to be answered at once.
    from arena.interactive import check_level, check_limit, default_model, with_limit  # noqa: PLC0415
    from arena.player_factory import ModelFactory  # noqa: PLC0415

    limit = Limit(simulations=options.simulations, seconds=options.seconds)

    def factory_for(seat: str) -> ModelFactory:
        named = options.model if seat == THE_MODEL else seat
        spec = with_limit(named, limit) if named else lambda rules: with_limit(default_model(rules), limit)
        tactics = not options.no_tactics
        return ModelFactory(spec, options.device, options.precision, options.backend, tactics=tactics)

    seated = [seat for seat in seats.values() if seat != HUMAN]
    # A model that sits nowhere gives the hints.
    named = [*seated, THE_MODEL] if options.model or not seated else seated
    check_limit([options.model if seat == THE_MODEL else seat for seat in named], limit)
    check_level(options.level, [options.model if seat == THE_MODEL else seat for seat in seated])
    factories = {seat: factory_for(seat) for seat in named}
    asked = [factories[seat] for seat in factories if seat in seated or options.model]
    found = [factory.contestant(rules) for factory in asked]
    if rules is None:
        rules = next((one.rules for one in found if one.rules is not None), Rules())
    notes = {f"the variations are left out: {complaint}": None} if complaint else {}
    notes |= {warning: None for one in found if (warning := one.warning(rules))}
    players = {
        colour: None if seat == HUMAN else LazyPlayer(factories[seat], rules, options.level)
        for colour, seat in seats.items()
    }
    adviser = factories.get(THE_MODEL) or factories[seated[0]]
    has_adviser = THE_MODEL not in seated and options.model
    # Hints come at full strength whatever the level; who sits at the board gives them where there is none. Between
    # people they come from a model that is not looked for before somebody asks, unless it is named.
    hints = LazyPlayer(adviser, rules) if has_adviser or options.level or not seated else None
    session = GameSession(players, loaded or beginning(rules, options.moves), Limit(), adviser=hints)
    lazy = tuple(player for player in (*players.values(), hints if has_adviser else None) if player is not None)
    return Prepared(session, lazy, adviser, tuple(notes), lambda rules: adviser.contestant(rules).warning(rules))


def make_session(options: argparse.Namespace) -> GameSession:
    """A game for the plain lines, with its players there; see `prepare`."""
    prepared = prepare(options)
    for note in prepared.notes:
        write(f"Note: {note}")
    for player in prepared.players:
        player.make()
    return prepared.session


def has_screen(options: argparse.Namespace) -> bool:
    """Whether a full screen is wanted, and can be shown."""
    if options.plain or options.games > 1 or not is_screen_possible():
        return False
    if not is_textual_installed():
        write("Note: a full screen needs the package textual; install this project with its extra, .[terminal].")
    return is_textual_installed()


def play_on_screen(options: argparse.Namespace) -> int:
    """Plays on the full screen."""
    session, _, factory, notes, warn = prepare(options)
    from ui.full_screen.app import FullScreenGame, run  # noqa: PLC0415 - an extra that may not be installed
    from ui.table import Table  # noqa: PLC0415

    table = Table(session, factory)
    end_start()
    status, is_at_rest = run(FullScreenGame(table, options.theme, warn, notes))
    write(farewell(session.record(), table.is_saved))
    if not is_at_rest:  # a model is being loaded, and nobody wants to wait for that
        leave_at_once(status)
    return status


def beginning(rules: Rules, moves: str | None) -> GameRecord:
    return record_of(Board.from_moves(rules, parse_moves(moves or "", rules.size)))


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] and arguments[0] in ("gomocup", "web", "picture"):
        end_start()
    if arguments[:1] == ["gomocup"]:
        play_gomocup(arguments[1:])
    if arguments[:1] == ["web"]:
        return play_web(arguments[1:])
    if arguments[:1] == ["picture"]:
        return picture_command.run(OneLineParser(prog="human_play.py picture", allow_abbrev=False), arguments[1:])
    options = make_parser().parse_args(arguments)
    if sys.stdout is None:
        return refuse(PROGRAM, "standard output is closed, and nobody would see it")
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if has_screen(options):
            return play_on_screen(options)
        session = make_session(options)
    except OSError as error:
        return refuse(PROGRAM, f"{error.filename}: {error.strerror}" if error.filename else error)
    except ValueError as error:
        return refuse(PROGRAM, str(error).splitlines()[0])
    end_start()
    return TerminalGame(session, read_line, write, options.games).run()


if __name__ == "__main__":
    heed_signals()
    leave(status_of(main, PROGRAM))
