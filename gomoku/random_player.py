"""The player that draws a legal move by lot: the zero of every scale of strength."""

from collections.abc import Sequence

import numpy as np

from gomoku.board import Board
from gomoku.player import Decision, Limit, limits_for


class RandomPlayer:
    """Plays every legal move with equal probability."""

    def __init__(self, name: str = "random", seed: int | None = None) -> None:
        """`seed` is of the player's own stream, which serves where a limit has none; None: never the same."""
        self.name = name
        self._own_stream = np.random.default_rng(seed)

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        return [
            Decision(self._draw(board, one.seed))
            for board, one in zip(boards, limits_for(boards, limit), strict=True)
        ]

    def _draw(self, board: Board, seed: int | None) -> int:
        stream = self._own_stream if seed is None else np.random.default_rng(seed)
        return int(stream.choice(board.legal_moves()))
