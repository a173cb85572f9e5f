"""Opening files: one opening a line, as points (`h8i9g7`) or as offsets from the centre (`0,0, 1,-1, -1,1`).

Owns both notations of one line, in and out. What makes an opening a fair one is not its business.
"""

import re
from collections.abc import Iterable, Sequence

from gomoku.errors import NotationError
from gomoku.notation import moves_name, parse_moves

_OFFSETS = re.compile(r"\s*[-+]?\d{1,4}(?:\s*[,\s]\s*[-+]?\d{1,4})*\s*,?\s*", re.ASCII)


def parse_opening_line(text: str, size: int) -> list[int]:
    """Reads one opening in either notation, Black's move first.

    Raises:
      NotationError: with what is no point, is outside the board, or comes twice.
    """
    if re.search(r"[^-+0-9\s,]", text):
        return parse_moves(text, size)
    numbers = [int(number) for number in re.findall(r"[-+]?[0-9]{1,4}", text)]
    if not _OFFSETS.fullmatch(text) or len(numbers) % 2:
        raise NotationError("offsets come in pairs of column and row")
    moves: list[int] = []
    for d_col, d_row in zip(numbers[::2], numbers[1::2], strict=True):
        col, row = size // 2 + d_col, size // 2 + d_row
        if not (0 <= col < size and 0 <= row < size):
            raise NotationError(f"{d_col},{d_row} from the centre is outside the board")
        if row * size + col in moves:
            raise NotationError(f"{d_col},{d_row} from the centre comes twice")
        moves.append(row * size + col)
    return moves


def offsets_name(moves: Sequence[int], size: int) -> str:
    """Writes an opening as Gomocup's files do: `8,-3, 6,-4, 5,-4`, column and row from the centre."""
    pairs = [(move % size - size // 2, move // size - size // 2) for move in moves]
    return ", ".join(f"{d_col},{d_row}" for d_col, d_row in pairs)


def openings_text(openings: Iterable[Sequence[int]], size: int, as_offsets: bool = False) -> str:
    """Writes a whole file: one opening a line."""
    write = offsets_name if as_offsets else moves_name
    return "".join(write(moves, size) + "\n" for moves in openings)
