"""`human_play.py picture`: a game that somebody has, as an SVG file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from gomoku.command_line import BAD_INPUT
from gomoku.errors import RecordError
from gomoku.game_picture import Look, write_picture
from gomoku.record_files import SUFFIXES, read_record
from gomoku.record_forms import Form, parse_record
from gomoku.records import GameRecord
from gomoku.rules import RULES_EXAMPLES, parse_rules
from ui.arguments import check_rules


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Draws the game that the arguments name, and says where the picture is.

    Args:
      parser: knows the command's name and how to refuse; gets the options.

    Returns: the exit status.

    Raises:
      SystemExit: something that cannot be drawn as asked, after one line that says what.
    """
    add = parser.add_argument
    add("game", metavar="GAME", help=f"a file ({', '.join(SUFFIXES)}) or a position string such as h8i9g7")
    add("picture", type=Path, metavar="OUT.svg", help="the picture's file, which must not exist")
    add("--animated", action="store_true", help="move after move, one a second, again and again")
    add("--numbers", action="store_true", help="the number of its move on every stone")
    add("--ply", type=int, metavar="N", help="show the position after N moves; default: all")
    add("--dark", action="store_true", help="darker wood")
    add("--rules", metavar="RULES", help=f"of a position string or a .psq file: {RULES_EXAMPLES}; default 15x15")
    options = parser.parse_args(arguments)
    look = Look(numbers=options.numbers, animated=options.animated, dark=options.dark)
    path = options.game
    try:
        game = _find_game(options.game, options.rules)
        path = options.picture
        write_picture(game, options.picture, look, options.ply)
    except OSError as error:
        reason = f"{path}: {error.strerror}" if error.strerror else str(error)
        parser.exit(BAD_INPUT, f"{parser.prog}: error: {reason}\n")
    except ValueError as error:
        parser.exit(BAD_INPUT, f"{parser.prog}: error: {str(error).splitlines()[0]}\n")
    print(f"picture  {options.picture}")
    return 0


def _find_game(text: str, rules_name: str | None) -> GameRecord:
    """The game in a file of that name, or the one that the text itself is."""
    is_file = Path(text).suffix.lower() in SUFFIXES
    rules = None if rules_name is None else parse_rules(rules_name)
    if not is_file:
        try:
            return parse_record(text, Form.POSITION, rules)
        except RecordError as error:
            raise RecordError(f"{error} (nor is it a file that ends in {' or '.join(SUFFIXES)})") from None
    record = read_record(Path(text), rules)
    check_rules(rules, record.rules, Path(text))
    return record
