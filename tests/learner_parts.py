"""What the learner's tests share: something to learn from."""

import numpy as np

from gomoku.board import Board
from gomoku.rules import Rules
from training.config import ReplayConfig
from training.replay import ReplayBuffer, Segment
from training.samples import Sample, pack_policy, pack_samples


def filled_replay() -> ReplayBuffer:
    """Sixty positions, two of a game, the second a move after the first, on 6x6x4."""
    rng = np.random.default_rng(0)
    samples = []
    for game in range(30):
        played = rng.permutation(36)[:4].tolist()
        for board in (Board.from_moves(Rules(6, 4), played[:plies]) for plies in (3, 4)):
            moves, weights = pack_policy(board.legal_mask() * rng.dirichlet(np.full(36, 0.2)))
            samples.append(
                Sample(board.cells, board.to_play, moves, weights, int(rng.integers(-1, 2)), game, rng.uniform(-1, 1))
            )
    replay = ReplayBuffer(ReplayConfig())
    replay.add(Segment(1, Rules(6, 4), pack_samples(samples, 36)))
    return replay
