"""What the network sees: one code per point and a handful of global features.

Owns the meaning of the network's inputs. The search and the learner build them with the same two functions.
"""

import numpy as np
from numpy.typing import NDArray

from gomoku.rules import MAX_WIN_LENGTH, MIN_WIN_LENGTH, Rules

PLANES = ("own stones", "opponent's stones", "on the board", "blocked", "forbidden to the side to move")
NUM_PLANES = len(PLANES)
_NUM_WIN_LENGTHS = MAX_WIN_LENGTH - MIN_WIN_LENGTH + 1
NUM_FEATURES = _NUM_WIN_LENGTHS + 5

LEGAL_CODES = 4
"""Codes of points where a move is legal are these and above."""
EMPTY_LEGAL_CODE = LEGAL_CODES + 1

# One row of planes per code. Codes 0 to 3 are opponent, empty, own, blocked; plus 4 where a move is legal, as
# only an empty point can be. Convolutions pad with zeros, so a plane of ones makes the board's edge visible.
PLANES_OF_CODE = (
    (0, 1, 1, 0, 0),
    (0, 0, 1, 0, 1),
    (1, 0, 1, 0, 0),
    (0, 0, 1, 1, 0),
    (0, 1, 1, 0, 0),
    (0, 0, 1, 0, 0),
    (1, 0, 1, 0, 0),
    (0, 0, 1, 1, 0),
)


def point_codes(stones: NDArray[np.int8], legal: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Says in one byte per point all that the planes say of it.

    Args:
      stones: `[B, size, size]`: +1 side to move, -1 opponent, 0 empty, 2 blocked.
      legal: `[B, A]`, `A = size * size`.

    Returns:
      uint8 `[B, A]`, below 8.
    """
    flat = stones.reshape(legal.shape)
    return (flat + 1).view(np.uint8) + legal.view(np.uint8) * np.uint8(LEGAL_CODES)


def global_features(rules: Rules, to_play: NDArray[np.int8]) -> NDArray[np.float32]:
    """What holds for the whole board: the rules, seen by the side to move.

    Args:
      to_play: `[B]`: BLACK (1) or WHITE (-1).

    Returns:
      float32 `[B, NUM_FEATURES]` of zeros and ones: win length 3 to 6 (one of four), own line must be exact,
      opponent's line must be exact, fouls bind the side to move, fouls bind the opponent, Black to move.
    """
    compiled = rules.compiled
    row_of_colour = np.zeros((2, NUM_FEATURES), dtype=np.float32)
    row_of_colour[:, rules.win_length - MIN_WIN_LENGTH] = 1
    black, white = compiled.black_exact, compiled.white_exact
    row_of_colour[0, _NUM_WIN_LENGTHS:] = (white, black, False, compiled.fouls, False)
    row_of_colour[1, _NUM_WIN_LENGTHS:] = (black, white, compiled.fouls, False, True)
    return row_of_colour[(to_play > 0).astype(np.intp)]
