"""Game records: how a game started, what was played, how it ended; and their form as one line of JSON.

Owns `GameRecord`. The SGF form is `gomoku/sgf.py`, files are `gomoku/record_files.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gomoku.board import Board, Outcome
from gomoku.errors import IllegalMoveError, NotationError, RecordError
from gomoku.notation import SYMBOLS, moves_name, parse_drawing, parse_moves
from gomoku.rules import BLACK, WHITE, Rules, parse_rules

UNKNOWN = "*"
RESULTS = ("1-0", "0-1", "1/2-1/2", UNKNOWN)
"""Black won, White won, a draw, unfinished or unknown."""
RESIGNATION, TIME, FORFEIT = "resignation", "time", "forfeit"
"""Reasons for a result that the board does not show."""

JSON_FORMAT = "gomoku-record-1"
"""Stands in every JSON record; the number grows when older readers would misread a newer record."""
_JSON_COLOURS = {"black": BLACK, "white": WHITE}


@dataclass(frozen=True)
class Start:
    """A position from which a game began, other than the empty board with Black to move."""

    cells: tuple[int, ...]
    """`A` points, row by row: BLACK, WHITE, EMPTY or BLOCKED."""
    to_play: int


@dataclass(frozen=True)
class RecordedMove:
    """One move, and what was said about it."""

    move: int
    comment: str = ""
    value: float | None = None
    """In [-1, 1], for the player who made the move; None where nobody judged it."""


@dataclass(frozen=True)
class GameRecord:
    """A game, finished or not. `parse_json` and `parse_sgf` give only records whose moves are legal."""

    rules: Rules
    line: tuple[RecordedMove, ...] = ()
    """The moves in order, from the start on."""
    start: Start | None = None
    """None: the empty board, Black to move."""
    result: str = UNKNOWN
    """One of `RESULTS`."""
    reason: str = ""
    """Why the game ended: an `Outcome.reason`, `resignation`, `time`, `forfeit`, or free text."""
    black: str = ""
    """Name of the player of Black; empty where it is not known."""
    white: str = ""
    date: str = ""
    """`2026-01-31`, or what the file had in its place."""
    comment: str = ""
    """About the game as a whole."""

    @property
    def moves(self) -> tuple[int, ...]:
        return tuple(played.move for played in self.line)

    def replay(self) -> Board:
        """Plays the game on a board, up to its end.

        Raises:
          RecordError: a start or a move that the rules do not allow (with the move's number, from 1), or a
            result that contradicts the board.
        """
        board = self._starting_board()
        for number, move in enumerate(self.moves, 1):
            try:
                board.push(move)
            except IllegalMoveError as error:
                raise RecordError(f"move {number}: {error}") from None
        if board.outcome is not None and self.result not in (UNKNOWN, board.outcome.result):
            raise RecordError(
                f"the result {self.result} contradicts the moves, which end in {board.outcome.result}"
                f" ({board.outcome.reason})\n{board}"
            )
        return board

    def _starting_board(self) -> Board:
        if self.start is None:
            return Board(self.rules)
        try:
            return Board.from_cells(self.rules, np.array(self.start.cells, np.int8), self.start.to_play)
        except ValueError as error:
            raise RecordError(f"start position: {error}") from None


def record_of(
    board: Board,
    *,
    ended: Outcome | None = None,
    black: str = "",
    white: str = "",
    date: str = "",
    values: Sequence[float | None] = (),
) -> GameRecord:
    """Records the game that led to `board`.

    Args:
      ended: how the game ended where the board does not show it, such as by resignation; None: the board's
        outcome.
      values: one per move in [-1, 1], for the player who made it; empty: none.
    """
    beginning = board.copy()
    while beginning.moves:
        beginning.pop()
    is_usual = not beginning.cells.any() and beginning.to_play == BLACK
    judged = values or [None] * len(board.moves)
    outcome = ended or board.outcome
    return GameRecord(
        rules=board.rules,
        line=tuple(RecordedMove(move, value=value) for move, value in zip(board.moves, judged, strict=True)),
        start=None if is_usual else Start(tuple(beginning.cells.tolist()), beginning.to_play),
        result=UNKNOWN if outcome is None else outcome.result,
        reason="" if outcome is None else outcome.reason,
        black=black,
        white=white,
        date=date,
    )


def checked(record: GameRecord) -> GameRecord:
    """Replays a record that was read, and fills in the result and the reason where the board shows them.

    Raises:
      RecordError: see `GameRecord.replay`.
    """
    outcome = record.replay().outcome
    if outcome is None:
        return record
    return replace(record, result=outcome.result, reason=record.reason or outcome.reason)


def json_text(record: GameRecord) -> str:
    """Writes a record as one line of JSON, without a line break at its end. Empty fields are left out."""
    size = record.rules.size
    data: dict[str, Any] = {"format": JSON_FORMAT, "rules": record.rules.name}
    if record.start is not None:
        symbols = "".join(SYMBOLS[cell] for cell in record.start.cells)
        colour = "black" if record.start.to_play == BLACK else "white"
        rows = [symbols[at : at + size] for at in range(0, size * size, size)]
        data["start"] = {"rows": rows, "to_play": colour}
    data["moves"] = moves_name(record.moves, size)
    data["result"] = record.result
    for name in ("reason", "black", "white", "date", "comment"):
        if getattr(record, name):
            data[name] = getattr(record, name)
    if any(played.comment for played in record.line):
        data["comments"] = [played.comment for played in record.line]
    if any(played.value is not None for played in record.line):
        data["values"] = [played.value for played in record.line]
    return json.dumps(data)


def parse_json(text: str) -> GameRecord:
    """Reads what `json_text` writes.

    Raises:
      RecordError: with the place in the text, the field or the move's number, and what is allowed.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise RecordError(f"not JSON of a game: {error}") from None
    if not isinstance(data, dict) or data.get("format") != JSON_FORMAT:
        raise RecordError(f'not a game record: it is no object with "format": "{JSON_FORMAT}"')
    fields = _Fields(data)
    try:
        rules = parse_rules(fields.text("rules"))
        moves = parse_moves(fields.text("moves"), rules.size)
    except ValueError as error:
        raise RecordError(str(error)) from None
    result = fields.text("result", UNKNOWN)
    if result not in RESULTS:
        raise RecordError(f"result {result!r} is not one of {', '.join(RESULTS)}")
    record = GameRecord(
        rules=rules,
        line=_line(moves, fields.list("comments"), fields.list("values")),
        start=_parse_start(fields.value("start")),
        result=result,
        reason=fields.text("reason", ""),
        black=fields.text("black", ""),
        white=fields.text("white", ""),
        date=fields.text("date", ""),
        comment=fields.text("comment", ""),
    )
    fields.refuse_others()
    return checked(record)


class _Fields:
    """Takes the fields of a JSON object one by one, each of a stated type."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._taken = {"format"}

    def value(self, name: str) -> Any:
        self._taken.add(name)
        return self._data.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.value(name)
        if value is None and name not in self._data and default is not None:
            return default
        if not isinstance(value, str):
            raise RecordError(f"{name} has to be a text, not {_excerpt(value)}")
        return writable(value)

    def list(self, name: str) -> list[Any] | None:
        value = self.value(name)
        if name not in self._data:
            return None
        if not isinstance(value, list):
            raise RecordError(f"{name} has to be a list, not {_excerpt(value)}")
        return value

    def refuse_others(self) -> None:
        others = sorted(self._data.keys() - self._taken)
        if others:
            raise RecordError(f"unknown field {_excerpt(others[0])}; known are {', '.join(sorted(self._taken))}")


def _parse_start(data: Any) -> Start | None:
    if data is None:
        return None
    if not isinstance(data, dict) or data.keys() != {"rows", "to_play"}:
        raise RecordError(f'start has to be {{"rows": [...], "to_play": ...}}, not {_excerpt(data)}')
    rows, colour = data["rows"], data["to_play"]
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise RecordError(f"start: rows has to be a list of texts, not {_excerpt(rows)}")
    if not isinstance(colour, str) or colour not in _JSON_COLOURS:
        raise RecordError(f"start: to_play {_excerpt(colour)} is not one of {', '.join(_JSON_COLOURS)}")
    try:
        cells = parse_drawing(rows)
    except NotationError as error:
        raise RecordError(f"start: {error}") from None
    return Start(tuple(cells.tolist()), _JSON_COLOURS[colour])


def _line(moves: list[int], comments: list[Any] | None, values: list[Any] | None) -> tuple[RecordedMove, ...]:
    if comments is None:
        comments = [""] * len(moves)
    if values is None:
        values = [None] * len(moves)
    if len(comments) != len(moves) or len(values) != len(moves):
        raise RecordError(f"{len(comments)} comments and {len(values)} values for {len(moves)} moves")
    for number, (comment, value) in enumerate(zip(comments, values, strict=True), 1):
        if not isinstance(comment, str):
            raise RecordError(f"move {number}: the comment has to be a text, not {_excerpt(comment)}")
        if not is_value(value):
            raise RecordError(f"move {number}: the value {_excerpt(value)} is not a number between -1 and 1")
    return tuple(
        RecordedMove(move, writable(comment), value)
        for move, comment, value in zip(moves, comments, values, strict=True)
    )


def writable(text: str) -> str:
    """The text without halves of characters, which JSON can spell and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_value(value: Any) -> bool:
    """Whether this may stand as `RecordedMove.value`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (is_number and -1 <= value <= 1)  # which not-a-number is not


def _excerpt(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
