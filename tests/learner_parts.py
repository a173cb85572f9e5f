"""What the learner's tests share: something to learn from."""

import numpy as np

from gomoku.board import Board
from gomoku.rules import Rules
from training.config import ReplayConfig
from training.replay import ReplayBuffer, Segment
from training.samples import Sample, pack_policy, pack_samples


def filled_replay() -> ReplayBuffer:
    """Sixty positions of games of their own, on 6x6x4."""
    rng = np.random.default_rng(0)
    samples = []
    for number in range(60):
        board = Board.from_moves(Rules(6, 4), rng.permutation(36)[:3].tolist())
        moves, weights = pack_policy(board.legal_mask() * rng.dirichlet(np.full(36, 0.2)))
        samples.append(
            Sample(board.cells, board.to_play, moves, weights, int(rng.integers(-1, 2)), number, rng.uniform(-1, 1))
        )
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, Rules(6, 4), pack_samples(samples, 36)))
    return replay
