"""Pure MCTS as a frozen yardstick: the same tree with random rollouts and uniform priors.

Frozen: changing anything here would take the meaning from every figure measured against it. Each of N simulations
picks the move with the highest Q + 5 · P · √N(s) / (1 + n), an unvisited Q counting 0, uniform priors, ties in random
order; one random game per leaf; no proof, no reuse; the most visited move is played.
"""

import math

from gomoku.player import Limit
from gomoku.rules import MAX_SIZE
from mcts.choice import most_visited_move
from mcts.config import SearchConfig
from mcts.player import PlayerOptions, SearchPlayer
from mcts.rollout import RolloutEvaluator
from mcts.tree import bytes_per_node

PURE_SEARCH = SearchConfig(
    c_puct_init=5.0, c_puct_base=math.inf, fpu_reduction=None, solver=False, transpositions=False
)
MOST_SIMULATIONS = 4_000_000
"""The edges of so many nodes can be counted on every board; a search with more would end early."""


def pure_player(simulations: int) -> SearchPlayer:
    """Makes `pure@simulations`, 1 to `MOST_SIMULATIONS`."""
    options = PlayerOptions(
        limit=Limit(simulations=simulations),
        search=PURE_SEARCH,
        choose=most_visited_move,
        # All N simulations find room on the largest board; a search that only a clock ends gets no more than others.
        memory=max(PlayerOptions.memory, (simulations + 2) * bytes_per_node(MAX_SIZE**2)),
        side_by_side=1,
    )
    return SearchPlayer(f"pure@{simulations}", RolloutEvaluator(), options)
