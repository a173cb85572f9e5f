"""Real positions: from games that a network plays against itself.

What a network is calibrated and measured on: positions that are made up lie where it was never trained.
"""

import numpy as np

from gomoku.board import Board
from gomoku.first_moves import random_start
from gomoku.match import SIDE_BY_SIDE, Pairing, play_games
from gomoku.player import Decision, Limit
from gomoku.rules import Rules
from mcts.choice import sample_move
from mcts.evaluator import Evaluator, Positions, positions_of
from mcts.player import PlayerOptions, SearchPlayer

SIMULATIONS = 16
RANDOM_PLIES = 4
"""A game starts with up to so many random moves."""
TEMPERATURE = 1.0
DRAWN_GAMES, DRAWN_PLIES = 16, 40
"""Games side by side where moves are drawn by the policy alone, and moves that are looked at of each."""
_MAX_ROUNDS = 100
"""Of games: small boards have few positions that differ."""


def played_positions(evaluator: Evaluator, rules: Rules, count: int, seed: int) -> Positions:
    """Distinct positions from all stages of seeded games, `count` (≥ 1) of them; fewer where there are no more."""
    rng = np.random.default_rng(seed)
    options = PlayerOptions(
        limit=Limit(simulations=SIMULATIONS), choose=lambda result: sample_move(result, TEMPERATURE, rng)
    )
    player = SearchPlayer("self", evaluator, options)
    boards: dict[bytes, Board] = {}

    def keep(_index: int, board: Board, _decision: Decision) -> None:
        if board.outcome is None:
            boards.setdefault(board.cells.tobytes(), board.copy())

    for _ in range(_MAX_ROUNDS):
        starts = [random_start(rules, RANDOM_PLIES, rng) for _ in range(SIDE_BY_SIDE)]
        play_games([Pairing(player, player, start, seed=seed) for start in starts], on_move=keep)
        if len(boards) >= count:
            break
    found = list(boards.values())
    chosen = rng.permutation(len(found))[:count]
    return positions_of([found[index] for index in chosen], seeds=rng.integers(2**63, size=len(chosen)).tolist())


def drawn_positions(evaluator: Evaluator, rules: Rules, count: int, seed: int) -> Positions:
    """Positions from all stages of seeded games whose moves are drawn by the policy, `count` (≥ 1) of them.

    In a fraction of a second: no search, one evaluation a move. Some may be alike.
    """
    rng = np.random.default_rng(seed)
    games = [Board(rules) for _ in range(DRAWN_GAMES)]
    found: list[Board] = []
    for _ in range(max(DRAWN_PLIES, -(-count // DRAWN_GAMES))):
        found += [board.copy() for board in games]
        priors = evaluator.evaluate(positions_of(games)).priors.astype(np.float64)
        for index, board in enumerate(games):
            board.push(int(rng.choice(rules.num_points, p=priors[index] / priors[index].sum())))
            if board.outcome is not None:
                games[index] = Board(rules)
    chosen = rng.permutation(len(found))[:count]
    return positions_of([found[index] for index in chosen], seeds=rng.integers(2**63, size=count).tolist())
