"""Game records as SGF, the format of most boards and viewers.

Owns writing, and the way in and out: one game's main line, or the game with its variations. What other programs'
files mean is `gomoku/sgf_reading.py`, how the text itself is built `gomoku/sgf_syntax.py`.

Source: SGF FF[4], https://www.red-bean.com/sgf/; game number 4 is "Gomoku+Renju".
"""

import numpy as np

from gomoku.game_tree import START, GameTree, checked_tree, tree_of
from gomoku.records import UNKNOWN, GameRecord, RecordedMove, Start
from gomoku.rules import BLACK, EMPTY, USUAL_WIN_LENGTH, Rules
from gomoku.sgf_reading import LETTERS, REASON, SET_UP, read_game
from gomoku.sgf_syntax import escaped, main_line, parse_nodes

APPLICATION = "gomoku-zero"
MOVES_A_LINE = 10


def sgf_text(record: GameRecord) -> str:
    """Writes a record as SGF: the game's facts on the first line, then ten moves a line.

    Raises:
      RecordError: see `GameRecord.replay`.
    """
    return sgf_tree_text(tree_of(record))


def sgf_tree_text(tree: GameTree) -> str:
    """Writes a game with its variations as SGF; each variation begins a line.

    Raises:
      RecordError: see `checked_tree`.
    """
    checked_tree(tree)
    record = tree.main_line()
    root = "".join(f"{name}[{escaped(value)}]" for name, value in _facts(record) if value)
    if record.start is not None:
        root += _set_up_text(record.start, record.rules.size)
    return f"(;{root}{_moves_text(tree)})\n"


def parse_sgf(text: str) -> GameRecord:
    """Reads the main line of the only game in `text`; variations are passed over, be they legal or not.

    Without `SZ` the board is 15x15, without `RU` the rules are freestyle.

    Raises:
      RecordError: with the line of the text or the move's number, and what is wrong.
    """
    return read_game(main_line(parse_nodes(text))).main_line()


def parse_sgf_tree(text: str) -> GameTree:
    """Reads the only game in `text` with its variations; else as `parse_sgf`."""
    return read_game(parse_nodes(text))


def _facts(record: GameRecord) -> list[tuple[str, str]]:
    rules = record.rules
    properties = [("FF", "4"), ("GM", "4"), ("CA", "UTF-8"), ("AP", APPLICATION), ("SZ", str(rules.size))]
    properties.append(("RU", _rules_name(rules)))
    properties += [("PB", record.black), ("PW", record.white), ("DT", record.date)]
    if record.result != UNKNOWN:
        properties.append(("RE", _result_name(record)))
    if not _is_reason_shown(record):
        properties.append((REASON, record.reason))
    return [*properties, ("C", record.comment)]


def _rules_name(rules: Rules) -> str:
    return str(rules.variant) if rules.win_length == USUAL_WIN_LENGTH else rules.name


def _moves_text(tree: GameTree) -> str:
    first_colour = BLACK if tree.game.start is None else tree.game.start.to_play
    followers = tree.children()
    depths: list[int] = []
    for move in tree.moves:
        depths.append(0 if move.parent == START else depths[move.parent] + 1)
    text: list[str] = []
    waiting = _branches(followers[START])[::-1]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            text.append(item)
            continue
        colour = first_colour if depths[item] % 2 == 0 else -first_colour
        begins_line = depths[item] % MOVES_A_LINE == 0 and not (text and text[-1] == "\n(")
        text.append("\n" if begins_line else "")
        text.append(_move_text(tree.moves[item].played, colour, tree.game.rules.size))
        waiting += _branches(followers[item])[::-1]
    return "".join(text)


def _branches(followers: list[int]) -> list[int | str]:
    """What is written for the moves that follow on one: its index, or each index between brackets."""
    if len(followers) < 2:
        return list(followers)
    return [part for index in followers for part in ("\n(", index, ")")]


def _result_name(record: GameRecord) -> str:
    won = {"1-0": "B+", "0-1": "W+"}.get(record.result)
    return "Draw" if won is None else won + LETTERS.get(record.reason, "")


def _is_reason_shown(record: GameRecord) -> bool:
    """Whether a reader finds the reason in `RE` or on the board."""
    outcome = record.replay().outcome
    if outcome is not None:
        return record.reason == outcome.reason
    return record.reason in LETTERS and record.result in ("1-0", "0-1")


def _set_up_text(start: Start, size: int) -> str:
    text = ""
    for name, content in SET_UP.items():
        points = [move for move, cell in enumerate(start.cells) if cell == content]
        if points and content != EMPTY:
            text += name + "".join(f"[{_point(move, size)}]" for move in points)
    return text + ("PL[B]" if start.to_play == BLACK else "PL[W]")


def _move_text(played: RecordedMove, colour: int, size: int) -> str:
    text = f";{'B' if colour == BLACK else 'W'}[{_point(played.move, size)}]"
    if played.value is not None:
        value = colour * played.value + 0.0  # never -0
        text += f"V[{np.format_float_positional(value, trim='-')}]"
    return text + (f"C[{escaped(played.comment)}]" if played.comment else "")


def _point(move: int, size: int) -> str:
    row, col = divmod(move, size)
    return chr(ord("a") + col) + chr(ord("a") + row)
