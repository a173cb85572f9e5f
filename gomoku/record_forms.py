"""One door to all forms of a game record: SGF, PSQ, JSON, position strings.

Owns which form is which; how each is written and read is in the module of its name. Texts from anywhere may be
handed in: they are refused in good time and in one line.
"""

import re
from enum import StrEnum

from gomoku.errors import NotationError, RecordError
from gomoku.game_tree import GameTree, tree_of
from gomoku.notation import moves_name, parse_moves
from gomoku.psq import parse_psq, psq_text
from gomoku.records import GameRecord, RecordedMove, checked, json_text, parse_json
from gomoku.rules import Rules
from gomoku.sgf import parse_sgf, parse_sgf_tree, sgf_text, sgf_tree_text
from gomoku.sgf_syntax import MOST_CHARACTERS

LONGEST_POSITION = 10_000
"""Characters of a position string; the largest board has 484 points."""


class Form(StrEnum):
    """How a record is written; the value is the suffix of its files, without the dot."""

    SGF = "sgf"
    """With variations, comments and estimates."""
    JSON = "json"
    """With comments and estimates."""
    PSQ = "psq"
    """Piskvork's; the moves and the names."""
    POSITION = "txt"
    """`h8i9g7`; the moves alone."""


def parse_record(text: str, form: Form | None = None, rules: Rules | None = None) -> GameRecord:
    """Reads one game, its main line only.

    Args:
      form: None: whichever the text looks like.
      rules: of position strings, which do not tell them, and of PSQ (there the variant alone, and None means what
        fits); None: 15x15.

    Raises:
      RecordError: with the place, and what is wrong there.
    """
    form = form or form_of(text)
    _refuse_long(text, form)
    match form:
        case Form.SGF:
            return parse_sgf(text)
        case Form.JSON:
            return parse_json(text)
        case Form.PSQ:
            return parse_psq(text, None if rules is None else rules.variant)
        case Form.POSITION:
            return parse_position(text, rules or Rules())


def parse_tree(text: str, form: Form | None = None, rules: Rules | None = None) -> GameTree:
    """Reads one game with its variations, which only SGF has; else as `parse_record`."""
    form = form or form_of(text)
    if form is not Form.SGF:
        return tree_of(parse_record(text, form, rules))
    _refuse_long(text, form)
    return parse_sgf_tree(text)


def parse_likely_tree(text: str, form: Form | None, likely: Rules) -> GameTree:
    """As `parse_tree`; but what does not tell its rules is taken for a game by `likely` where it can be."""
    try:
        return parse_tree(text, form, likely)
    except RecordError:
        return parse_tree(text, form)


def record_text(record: GameRecord, form: Form) -> str:
    """Writes one game, with a line break at its end.

    Raises:
      RecordError: a game that the form cannot hold, or that is not legal.
    """
    match form:
        case Form.SGF:
            return sgf_text(record)
        case Form.JSON:
            return json_text(record) + "\n"
        case Form.PSQ:
            return psq_text(record)
        case Form.POSITION:
            return position_string(record) + "\n"


def tree_text(tree: GameTree, form: Form) -> str:
    """Writes one game with its variations, which only SGF holds; else as `record_text`."""
    return sgf_tree_text(tree) if form is Form.SGF else record_text(tree.main_line(), form)


def decoded(content: bytes) -> str:
    """A game file's text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # old files: at worst a name is garbled


def form_of(text: str) -> Form:
    """The form that a text looks like."""
    beginning = text[:1000].lstrip("\ufeff \t\r\n")
    if beginning.startswith("{"):
        return Form.JSON
    if beginning[:8].lower() == "piskvork":
        return Form.PSQ
    return Form.SGF if re.search(r"\(\s*;", text) else Form.POSITION


def parse_position(text: str, rules: Rules, from_top: bool = False) -> GameRecord:
    """Reads a position string such as `h8i9g7`, Black's move first.

    Args:
      from_top: whether rows are counted from the top, as tournament programs do, or from the bottom, as people do.

    Raises:
      RecordError: with the part that is no point, or the move that is not legal.
    """
    _refuse_long(text, Form.POSITION)
    try:
        moves = parse_moves(text, rules.size)
    except NotationError as error:
        raise RecordError(str(error)) from None
    if from_top:
        moves = [_upside_down(move, rules.size) for move in moves]
    return checked(GameRecord(rules, tuple(RecordedMove(move) for move in moves)))


def position_string(record: GameRecord, from_top: bool = False) -> str:
    """Writes a game's moves as a position string; see `parse_position`.

    Raises:
      RecordError: a game that began from a position that was set up.
    """
    if record.start is not None:
        raise RecordError("a position string holds games from the empty board, not from one that was set up")
    size = record.rules.size
    return moves_name([_upside_down(move, size) if from_top else move for move in record.moves], size)


def _upside_down(move: int, size: int) -> int:
    row, col = divmod(move, size)
    return (size - 1 - row) * size + col


def _refuse_long(text: str, form: Form) -> None:
    most = LONGEST_POSITION if form is Form.POSITION else MOST_CHARACTERS
    if len(text) > most:
        raise RecordError(f"the text is too long for a game: {len(text)} characters, at most {most}")
