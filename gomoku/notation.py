"""How points, moves and positions are written: the only place that converts between notations.

People read `h8`: letters (i is used) for columns, numbers for rows counted from the bottom. Gomocup programs read
`x,y` from 0, top-left. Inside the project a move is `row * size + col`, row 0 on top.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gomoku.errors import NotationError
from gomoku.rules import BLACK, BLOCKED, EMPTY, WHITE

SYMBOLS = {BLACK: "X", WHITE: "O", EMPTY: ".", BLOCKED: "#"}
_STONES = {symbol: stone for stone, symbol in SYMBOLS.items()}
OWN, OPPONENT, NOBODY = 1, 2, 3
"""What the third number of a line behind BOARD says in Gomocup's protocol: whose stone it is to the engine, or that
nobody may play there."""


def column_name(col: int) -> str:
    return chr(ord("a") + col)


def point_name(move: int, size: int) -> str:
    """Names a move as people do: `h8` is the centre of 15x15."""
    row, col = divmod(move, size)
    return f"{column_name(col)}{size - row}"


def parse_point(text: str, size: int) -> int:
    """Reads `h8`, in any letter case.

    Raises:
      NotationError: not a point of this board.
    """
    match = re.fullmatch(r"([a-z])([0-9]{1,2})", text.strip().lower())
    if match is not None:
        col, row = ord(match[1]) - ord("a"), size - int(match[2])
        if 0 <= col < size and 0 <= row < size:
            return row * size + col
    raise NotationError(f"{text.strip()!r} is not a point between a1 and {point_name(size - 1, size)}")


def moves_name(moves: Iterable[int], size: int) -> str:
    """Writes moves as a position string: `h8i9g7`."""
    return "".join(point_name(move, size) for move in moves)


def parse_moves(text: str, size: int) -> list[int]:
    """Reads a position string such as `h8i9g7`; spaces and commas between points are allowed.

    Raises:
      NotationError: with the part that is not a point, or that comes twice.
    """
    moves: list[int] = []
    for part in re.findall(r"[a-zA-Z][0-9]*|[^\sa-zA-Z,][^\sa-zA-Z,]*", text):
        move = parse_point(part, size)
        if move in moves:
            raise NotationError(f"{part!r} comes twice in {text.strip()!r}")
        moves.append(move)
    return moves


def gomocup_name(move: int, size: int) -> str:
    """Names a move as Gomocup programs do: column, row, from 0, top-left."""
    row, col = divmod(move, size)
    return f"{col},{row}"


def parse_gomocup(text: str, size: int) -> int:
    """Reads `7,7`, spaces allowed.

    Raises:
      NotationError: not a point of this board.
    """
    match = re.fullmatch(r"\s*([0-9]{1,2})\s*,\s*([0-9]{1,2})\s*", text)
    if match is not None:
        col, row = int(match[1]), int(match[2])
        if col < size and row < size:
            return row * size + col
    raise NotationError(f"{text.strip()!r} is not a point between 0,0 and {size - 1},{size - 1}")


def position_text(cells: NDArray[np.int8], size: int, last_move: int | None = None) -> str:
    """Draws a position with coordinates; the last move stands in brackets."""
    letters = " ".join(column_name(col) for col in range(size))
    lines = []
    for row in range(size):
        line = f"{size - row:2d} "
        for col in range(size):
            move = row * size + col
            before = "(" if move == last_move else ")" if col and move - 1 == last_move else " "
            line += before + SYMBOLS[int(cells[move])]
        lines.append(line + (")" if last_move == row * size + size - 1 else ""))
    return "\n".join([f"    {letters}", *lines])


def parse_drawing(lines: Sequence[str] | str) -> NDArray[np.int8]:
    """Reads a drawn square board, one row a line, of `X O . #`; spaces are skipped.

    Returns: flat int8 cells.

    Raises:
      NotationError: an unknown symbol, or a board that is not square.
    """
    rows = lines.split("\n") if isinstance(lines, str) else lines
    rows = [row.replace(" ", "") for row in rows if row.strip()]
    size = len(rows)
    for row in rows:
        if len(row) != size:
            raise NotationError(f"row {row!r} has {len(row)} points, the drawing has {size} rows")
        for symbol in row:
            if symbol not in _STONES:
                raise NotationError(f"{symbol!r} in row {row!r} is not one of {' '.join(_STONES)}")
    return np.array([_STONES[symbol] for row in rows for symbol in row], dtype=np.int8)
