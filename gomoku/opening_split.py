"""Which starting positions belong to evaluation and which to training, so that no start is measured that was learnt.

Owns the one rule for both: a position of two or more stones is evaluation's where a hash of it, the same for all its
eight symmetric forms, is odd; else it is training's. Those of fewer stones belong to both, as the empty board must.
"""

from hashlib import blake2b

from gomoku.board import Board
from gomoku.rules import BLACK
from gomoku.symmetry import inverse_tables

FEWEST_STONES = 2
"""Below this there are so few positions that they cannot be shared out."""


def canonical_key(board: Board) -> bytes:
    """Equal for positions that are equal up to the eight symmetries."""
    turned: list[bytes] = [board.cells[table].tobytes() for table in inverse_tables(board.size)]
    return min(turned) + (b"x" if board.to_play == BLACK else b"o")


def may_evaluate(board: Board) -> bool:
    """Whether a measured game may start here."""
    return board.ply < FEWEST_STONES or _is_odd(board)


def may_train(board: Board) -> bool:
    """Whether a game of self-play may start here."""
    return board.ply < FEWEST_STONES or not _is_odd(board)


def _is_odd(board: Board) -> bool:
    return bool(blake2b(canonical_key(board), digest_size=1).digest()[0] & 1)
