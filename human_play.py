"""Play Gomoku in the terminal: against an AI, against each other, or watch two AIs.

python human_play.py                                                  the best shipped model, you are Black
python human_play.py --model models/6x6x4 --simulations 400 --colour white
python human_play.py --black human --white pure@1000 --rules 8x8
python human_play.py --load game.sgf
python human_play.py gomocup --help                                   an engine for Piskvork and other programs
python human_play.py web                                              a page in the browser: play and analyse
"""

import argparse
import importlib.metadata
import io
import math
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from arena.levels import LEVELS
from gomoku.board import Board
from gomoku.notation import parse_moves
from gomoku.player import Limit, Player, PlayerFactory
from gomoku.record_files import read_record
from gomoku.records import GameRecord, record_of
from gomoku.rules import BLACK, RULES_EXAMPLES, WHITE, Rules, parse_rules
from ui.gomocup_driver import about_text, serve
from ui.session import HUMAN, GameSession
from ui.terminal import INTERRUPTED, TerminalGame

WRONG_INPUT = 2
THE_MODEL = "model"
"""In place of a player spec: the one that --model names, or the default."""
COLOURS = {"black": BLACK, "white": WHITE}
BACKENDS = ("auto", "torch", "openvino")
PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8")


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with an option."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: error: {message} (--help lists the options)\n")


def make_parser() -> Parser:
    what, _, examples = (__doc__ or "").partition("\n\n")
    parser = Parser(
        prog="human_play.py",
        description=what,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help="the AI: a model, a run, pure@N or random; default: the best in models/")
    limits = parser.add_mutually_exclusive_group()
    limits.add_argument("--simulations", type=whole_number, metavar="N", help="of the AI per move; default 400")
    limits.add_argument("--seconds", type=seconds, metavar="S", help="of the AI per move, in place of simulations")
    add("--colour", choices=COLOURS, help="yours; default black, who begins")
    add("--black", metavar="SPEC", help=f"who plays Black: {HUMAN} or a player as in --model")
    add("--white", metavar="SPEC", help="who plays White")
    add("--rules", type=rules_argument, metavar="RULES", help=f"{RULES_EXAMPLES}; default: the AI's own, else 15x15")
    add("--backend", choices=BACKENDS, default="auto", help="what evaluates the network; default auto")
    add("--precision", choices=PRECISIONS, default="auto", help="of the network; default auto")
    add("--device", default="auto", help="of the network: auto, cpu, cuda, mps")
    add("--no-tactics", action="store_true", help="the AI plays by its network and the bare search alone")
    beginnings = parser.add_mutually_exclusive_group()
    beginnings.add_argument("--load", type=Path, metavar="FILE", help="go on from a saved game (.sgf or .json)")
    beginnings.add_argument("--moves", metavar="MOVES", help="go on from these moves, such as h8i9g7")
    add("--games", type=whole_number, default=1, metavar="N", help="between two AIs, one after another; default 1")
    return parser


def make_gomocup_parser() -> Parser:
    parser = Parser(
        prog="human_play.py gomocup",
        description="An engine that speaks the Gomocup protocol on standard input and output.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help="who plays: a model, a run, pure@N or random; default: the best in models/")
    add("--level", choices=[level.name for level in LEVELS], help="how strong; default full")
    add("--backend", choices=BACKENDS, default="auto", help="what evaluates the network; default auto")
    add("--precision", choices=PRECISIONS, default="auto", help="of the network; default auto")
    add("--device", default="auto", help="of the network: auto, cpu, cuda, mps")
    return parser


def play_gomocup(arguments: Sequence[str]) -> NoReturn:
    """Serves a Gomocup manager and ends the process."""
    options = make_gomocup_parser().parse_args(arguments)

    def factory() -> PlayerFactory:
        from arena.player_factory import ModelFactory  # noqa: PLC0415 - the first START loads it, END need not wait

        return ModelFactory(options.model, options.device, options.precision, options.backend)

    try:
        version = importlib.metadata.version("gomoku-zero")
    except importlib.metadata.PackageNotFoundError:  # a copy that was never installed
        version = "unknown"
    status = serve(factory, options.level, about_text(version))
    # A thought may still be under way in its thread, and END allows no time to wait for it.
    os._exit(status)


def make_web_parser() -> Parser:
    parser = Parser(
        prog="human_play.py web", description="A page in the browser: play and analyse.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--model", metavar="SPEC", help="who plays: a model, a run, pure@N or random; default: the best in models/")
    add(
        "--rules",
        type=rules_argument,
        metavar="RULES",
        help=f"of the first game, {RULES_EXAMPLES}; default: the AI's",
    )
    add("--host", default="127.0.0.1", help="address to listen on; others than 127.0.0.1 let other machines in")
    add("--port", type=port, default=8015, metavar="PORT", help="default 8015; 0: any free one")
    add("--backend", choices=BACKENDS, default="auto", help="what evaluates the network; default auto")
    add("--precision", choices=PRECISIONS, default="auto", help="of the network; default auto")
    add("--device", default="auto", help="of the network: auto, cpu, cuda, mps")
    return parser


def play_web(arguments: Sequence[str]) -> int:
    """Serves the page until Ctrl-C."""
    options = make_web_parser().parse_args(arguments)
    try:
        from ui.web import server  # noqa: PLC0415 - an extra that may not be installed
    except ModuleNotFoundError as error:
        return refuse(f"the page needs the package {error.name}; install this project with its extra, .[web]")
    from arena.interactive import default_model, find_contestant  # noqa: PLC0415 - as in make_session
    from arena.player_factory import ModelFactory  # noqa: PLC0415

    try:
        rules = options.rules or find_contestant(options.model or default_model(None)).rules or Rules()
        factory = ModelFactory(options.model, options.device, options.precision, options.backend)
        server.serve(factory, server.WebOptions(options.host, options.port, rules), write)
    except OSError as error:
        return refuse(f"{options.host}:{options.port}: {(error.strerror or str(error)).partition(' (')[0]}")
    except ValueError as error:
        return refuse(str(error).splitlines()[0])
    return 0


def port(text: str) -> int:
    if re.fullmatch("[0-9]{1,5}", text) is None or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 0 to 65535")
    return int(text)


def whole_number(text: str) -> int:
    if re.fullmatch("0*[1-9][0-9]{0,8}", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 999999999")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.01 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.01 to 100000")
    return value


def rules_argument(text: str) -> Rules:
    try:
        return parse_rules(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def seats_of(options: argparse.Namespace) -> dict[int, str]:
    """Who sits where: HUMAN, THE_MODEL or a player spec. A seat left open goes to the opposite of its opponent."""
    named = {BLACK: options.black, WHITE: options.white}
    if options.colour is not None and any(named.values()):
        raise ValueError("--colour says where you sit; leave it out where --black or --white say it")
    if not any(named.values()):
        named[COLOURS[options.colour or "black"]] = HUMAN
    return {colour: spec or (THE_MODEL if named[-colour] == HUMAN else HUMAN) for colour, spec in named.items()}


def make_session(options: argparse.Namespace) -> GameSession:
    """Finds the players and the position to begin with.

    Raises:
      ValueError, OSError: something on the command line is not to be had; the first line says what.
    """
    loaded = read_record(options.load) if options.load else None
    if loaded and options.rules not in (None, loaded.rules):
        raise ValueError(f"--rules {options.rules.name}: {options.load} is a game of {loaded.rules.name}")
    seats = seats_of(options)
    if options.games > 1 and HUMAN in seats.values():
        raise ValueError("--games is for two AIs; with a person at the board, type new after a game")
    rules = loaded.rules if loaded else options.rules

    # Here and not above: kernels and networks take a second to load, and wrong options are to be answered at once.
    from arena.interactive import default_model, find_contestant, interactive_player, with_limit  # noqa: PLC0415

    model = options.model or (default_model(rules) if THE_MODEL in seats.values() else None)
    limit = Limit(simulations=options.simulations, seconds=options.seconds)

    def spec_at(seat: str) -> str | None:
        named = model if seat == THE_MODEL else seat
        return None if named is None or named == HUMAN else with_limit(named, limit)

    specs = {colour: spec_at(seat) for colour, seat in seats.items()}
    # A model that sits nowhere gives the hints.
    adviser = None if THE_MODEL in seats.values() else spec_at(THE_MODEL)
    named = {spec for spec in (*specs.values(), adviser) if spec is not None}
    contestants = {spec: find_contestant(spec, tactics=not options.no_tactics) for spec in named}
    if rules is None:
        rules = next((found.rules for found in contestants.values() if found.rules is not None), Rules())
    for warning in {found.warning(rules) for found in contestants.values()} - {None}:
        print(f"Note: {warning}")

    def player(spec: str | None) -> Player | None:
        if spec is None:
            return None
        return interactive_player(contestants[spec], rules, options.device, options.precision, options.backend)

    players = {colour: player(spec) for colour, spec in specs.items()}
    return GameSession(players, loaded or beginning(rules, options.moves), Limit(), adviser=player(adviser))


def beginning(rules: Rules, moves: str | None) -> GameRecord:
    return record_of(Board.from_moves(rules, parse_moves(moves or "", rules.size)))


def read_line(prompt: str) -> str:
    """Asks for a line; where nobody sees what is typed, because it comes from a pipe, repeats it."""
    if sys.stdin is None:
        raise EOFError
    line = input(prompt)
    if not sys.stdin.isatty():
        print(line)
    return line


def write(text: str) -> None:
    print(text, flush=True)


def refuse(complaint: str) -> int:
    print(f"human_play.py: error: {complaint}", file=sys.stderr)
    return WRONG_INPUT


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["gomocup"]:
        play_gomocup(arguments[1:])
    if arguments[:1] == ["web"]:
        return play_web(arguments[1:])
    options = make_parser().parse_args(arguments)
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        session = make_session(options)
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}" if error.strerror else str(error))
    except ValueError as error:
        return refuse(str(error).splitlines()[0])
    return TerminalGame(session, read_line, write, options.games).run()


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:  # whoever read our lines has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status)
