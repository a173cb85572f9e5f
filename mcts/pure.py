"""Pure MCTS as a frozen yardstick: the same tree with random rollouts and uniform priors.

Frozen: changing anything here would take the meaning from every figure measured against it. Each of N simulations
picks the move with the highest Q + 5 · P · √N(s) / (1 + n), an unvisited Q counting 0, uniform priors, ties in random
order; one random game per leaf; no proof, no reuse; the most visited move is played.
"""

import math

from gomoku.player import Limit
from mcts.choice import most_visited_move
from mcts.config import SearchConfig
from mcts.player import PlayerOptions, SearchPlayer
from mcts.rollout import RolloutEvaluator

PURE_SEARCH = SearchConfig(c_puct_init=5.0, c_puct_base=math.inf, fpu_reduction=None, solver=False)


def pure_player(simulations: int) -> SearchPlayer:
    """Makes `pure@simulations`."""
    options = PlayerOptions(
        limit=Limit(simulations=simulations),
        search=PURE_SEARCH,
        choose=most_visited_move,
        memory=2**40,
        side_by_side=1,
    )
    return SearchPlayer(f"pure@{simulations}", RolloutEvaluator(), options)
