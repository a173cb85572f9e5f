"""From a search's result to a move: by visits, with what is proven going first."""

import numpy as np
from numpy.typing import NDArray

from mcts.search import SearchResult
from mcts.tree import PROVEN_LOSS, PROVEN_WIN, UNPROVEN

LEAST_PRIOR = 1e-6
"""Of a move that a search prefers: no surprise is boundless."""


def move_weights(result: SearchResult) -> NDArray[np.float64]:
    """How much each move deserves to be played: `[A]`, sum 1, visits where nothing is proven.

    Proven wins take everything; proven losses get nothing, unless the position is lost. Where all that was visited is
    lost, and before the first simulation, the priors speak, of what is not lost.
    """
    visits, priors = result.visit_counts.astype(np.float64), result.priors.astype(np.float64)
    wins = result.proofs == PROVEN_WIN
    if wins.any():
        weights = np.where(wins, np.maximum(visits, 1.0), 0.0)
    else:
        in_turn = [visits, priors]
        if result.proof != PROVEN_LOSS:
            # With few simulations all that was visited may be lost, and the rest is not.
            not_lost = result.proofs != PROVEN_LOSS
            in_turn = [visits * not_lost, priors * not_lost, *in_turn]
        weights = next(found for found in in_turn if found.any())
    normalised: NDArray[np.float64] = weights / weights.sum()
    return normalised


def pruned_weights(result: SearchResult, exploration: NDArray[np.float64]) -> NDArray[np.float64]:
    """As `move_weights`, without the visits that only the root's noise asked for.

    Each move but the most visited one keeps as many visits as PUCT gives it for the values that were found and the
    priors without noise; one that keeps no more than a single visit keeps none.

    Args:
      exploration: `[A]` see `Search.exploration`.

    Source: Wu 2019, section 3.2 (policy target pruning), where it goes with forced playouts.
    """
    visits = result.visit_counts.astype(np.float64)
    if result.proof != UNPROVEN or not visits.any():
        return move_weights(result)
    best = int(np.argmax(np.where(result.proofs == PROVEN_LOSS, -1.0, visits)))
    lead = result.q_values[best] + exploration[best] / (1 + visits[best]) - result.q_values
    # Where there is a lead, the visits at which a move's score has sunk to the best one's.
    enough = np.ceil(exploration / np.where(lead > 0, lead, np.inf) - 1)
    kept = np.where(lead > 0, np.clip(enough, 0, visits), visits)
    kept[kept <= 1] = 0
    kept[best] = visits[best]
    return move_weights(result._replace(visit_counts=kept.astype(np.int32)))


def surprise(weights: NDArray[np.float64], priors: NDArray[np.float32]) -> float:
    """How far a search has moved from the network's opinion: the Kullback-Leibler divergence, in nats, ≥ 0.

    Args:
      weights: `[A]` sum 1.
      priors: `[A]` without noise, sum 1 over the legal moves.
    """
    wanted = weights > 0
    found, expected = weights[wanted], np.maximum(priors[wanted].astype(np.float64), LEAST_PRIOR)
    return max(0.0, float(np.sum(found * np.log(found / expected))))


def best_move(result: SearchResult) -> int:
    """The move with the most weight; among equals the better value, then the higher prior, then the first point."""
    return ranked_moves(result)[0]


def most_visited_move(result: SearchResult) -> int:
    """The most visited move, whatever is proven; among equals the first point."""
    return int(np.argmax(result.visit_counts))


def ranked_moves(result: SearchResult) -> list[int]:
    """The moves that were looked at, best first; never empty."""
    weights = move_weights(result)
    considered = np.flatnonzero((weights > 0) | (result.visit_counts > 0))
    keys = (-result.priors[considered], -result.q_values[considered], -weights[considered])
    return [int(considered[k]) for k in np.lexsort(keys)]


def sample_move(result: SearchResult, temperature: float, rng: np.random.Generator) -> int:
    """Draws a move in proportion to weight^(1 / temperature); temperature 0 is `best_move`."""
    if temperature <= 0:
        return best_move(result)
    weights = move_weights(result)
    weights = (weights / weights.max()) ** (1.0 / temperature)
    return int(rng.choice(len(weights), p=weights / weights.sum()))
