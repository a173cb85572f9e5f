"""The root searched by sequential halving: few simulations, spent on the moves that still have a chance.

Gumbel noise on the priors' logarithms draws the moves without repetition; each round all that are left get equally
many visits, and the better half goes on. What is learnt is the prior, improved by what every move turned out to be
worth, and not the visits, which say little where there are few.

Source: Danihelka et al. 2022, "Policy improvement by planning with Gumbel", sections 3 and 4, with its constants.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from mcts.config import SearchParams
from mcts.expansion import bring_best_forward
from mcts.tree import PROVEN_LOSS, PROVEN_WIN, Tree, exact_value

VISITS_OFFSET, VALUE_SCALE = 50.0, 1.0
"""The paper's c_visit and c_scale: the more visits the best move has, the more values count against priors."""
_SMALLEST_PRIOR = 1e-30


@cache
def considered_visits(num_moves: int, simulations: int) -> NDArray[np.int32]:
    """`[simulations]` for each simulation in turn, how many visits those moves have that compete for it.

    Args:
      num_moves: that are drawn, ≥ 1.

    Source: mctx, `get_sequence_of_considered_visits`.
    """
    order: list[int] = []
    visits = [0] * num_moves
    rounds = max(1, math.ceil(math.log2(num_moves)))
    left = num_moves
    while len(order) < simulations:
        for _ in range(max(1, simulations // (rounds * left))):
            order.extend(visits[:left])
            for k in range(left):
                visits[k] += 1
        left = max(2, left // 2) if num_moves > 1 else 1
    return np.array(order[:simulations], dtype=np.int32)


@kernel
def value_weight(most_visits: int) -> float:
    """What a value in [0, 1] is multiplied with to be added to the logarithm of a prior."""
    return (VISITS_OFFSET + most_visits) * VALUE_SCALE


@kernel
def perturb_root(tree: Tree, slot: int, noise: NDArray[np.float32]) -> None:
    """Adds noise `[A]` to the logarithms of the root's priors, which then add up to 1 again."""
    first = tree.nodes[slot, 0].first_edge
    end = first + tree.nodes[slot, 0].num_edges
    largest = -math.inf
    for edge in range(first, end):
        logit = math.log(max(tree.edges[slot, edge].prior, _SMALLEST_PRIOR)) + noise[tree.edges[slot, edge].move]
        tree.edges[slot, edge].prior = logit
        largest = max(largest, logit)
    total = 0.0
    for edge in range(first, end):
        total += math.exp(tree.edges[slot, edge].prior - largest)
    for edge in range(first, end):
        share = math.exp(tree.edges[slot, edge].prior - largest) / total
        tree.edges[slot, edge].prior = max(share, _SMALLEST_PRIOR)
    bring_best_forward(tree, slot, 0)


@kernel
def choose_root_edge(tree: Tree, slot: int, params: SearchParams) -> int:
    """The root's edge whose turn it is: of those with as many visits as compete now, the best by prior and value.

    Where proofs have taken the competitors away, the least visited that are left compete.
    """
    first = tree.nodes[slot, 0].first_edge
    opened = tree.nodes[slot, 0].num_opened
    num_lost = _num_lost(tree, slot) if params.solver else 0  # opened by `defend_root`, or found out since
    drawn = min(params.halving_moves, tree.nodes[slot, 0].num_edges - num_lost)
    turn = min(tree.slots[slot].simulations, tree.considered_visits.shape[1] - 1)
    wanted = tree.considered_visits[slot, turn]
    if opened - num_lost < drawn and wanted == 0:
        return int(first + opened)
    weight = value_weight(_most_visits(tree, slot))
    best, best_score, best_gap = -1, -math.inf, np.iinfo(np.int32).max
    for edge in range(first, first + opened):
        child = tree.edges[slot, edge].child
        if params.solver and tree.nodes[slot, child].proof == PROVEN_LOSS:
            continue
        visits = tree.nodes[slot, child].visits + tree.nodes[slot, child].pending
        gap = 0 if visits == wanted else 1 + visits
        score = math.log(tree.edges[slot, edge].prior) + weight * _share(tree, slot, child)
        if gap < best_gap or (gap == best_gap and score > best_score):
            best, best_score, best_gap = edge, score, gap
    if best < 0 and opened < tree.nodes[slot, 0].num_edges:
        return int(first + opened)
    return int(max(best, first))


@kernel
def _num_lost(tree: Tree, slot: int) -> int:
    first, count = tree.nodes[slot, 0].first_edge, 0
    for edge in range(first, first + tree.nodes[slot, 0].num_opened):
        count += tree.nodes[slot, tree.edges[slot, edge].child].proof == PROVEN_LOSS
    return count


@kernel
def _most_visits(tree: Tree, slot: int) -> int:
    first, most = tree.nodes[slot, 0].first_edge, 0
    for edge in range(first, first + tree.nodes[slot, 0].num_opened):
        most = max(most, tree.nodes[slot, tree.edges[slot, edge].child].visits)
    return most


@kernel
def _share(tree: Tree, slot: int, child: int) -> float:
    """The child's value as a share of the points, in [0, 1]."""
    proof = tree.nodes[slot, child].proof
    if proof != 0:
        return (1 + exact_value(proof, tree.slots[slot].draw_value * tree.slots[slot].to_play)) / 2
    visits = tree.nodes[slot, child].visits
    return (1 + tree.nodes[slot, child].value_sum / visits) / 2 if visits else 0.5


@kernel
def read_halving(tree: Tree, slot: int, noise: NDArray[np.float32], improved: NDArray[np.float64]) -> int:
    """Writes the improved policy into `improved` `[A]` of zeros: sum 1, over what is not lost, if there is any.

    A move that was not visited is taken to be worth what the others' values, weighed by their priors, and the
    evaluator say of the position.

    Args:
      noise: `[A]` as given to `perturb_root`, zeros where it was not called.

    Returns: the move that has won the halving.
    """
    first, num_edges = tree.nodes[slot, 0].first_edge, tree.nodes[slot, 0].num_edges
    opened = tree.nodes[slot, 0].num_opened
    most, has_win, all_lost = _most_visits(tree, slot), False, opened == num_edges
    visits, seen_prior, seen_value = 0, 0.0, 0.0
    for edge in range(first, first + opened):
        child = tree.edges[slot, edge].child
        prior = math.exp(math.log(tree.edges[slot, edge].prior) - noise[tree.edges[slot, edge].move])
        proof = tree.nodes[slot, child].proof
        has_win = has_win or proof == PROVEN_WIN
        all_lost = all_lost and proof == PROVEN_LOSS
        visits += tree.nodes[slot, child].visits
        seen_prior += prior
        seen_value += prior * _share(tree, slot, child)
    own = (1 + tree.nodes[slot, 0].own_value) / 2
    unseen = (own + visits * seen_value / seen_prior) / (1 + visits) if seen_prior > 0 else own
    weight = value_weight(most)
    winner, best_score, best_visits, largest = -1, -math.inf, -1, -math.inf
    for edge in range(first, first + num_edges):
        move, is_open = tree.edges[slot, edge].move, edge < first + opened
        child = tree.edges[slot, edge].child if is_open else 0
        proof = tree.nodes[slot, child].proof if is_open else 0
        improved[move] = -math.inf
        if (has_win and proof != PROVEN_WIN) or (proof == PROVEN_LOSS and not all_lost):
            continue
        value = _share(tree, slot, child) if is_open else unseen
        score = math.log(tree.edges[slot, edge].prior) + weight * value
        improved[move] = score - noise[move]
        largest = max(largest, improved[move])
        count = tree.nodes[slot, child].visits if is_open else 0
        if count > best_visits or (count == best_visits and score > best_score):
            winner, best_score, best_visits = move, score, count
    total = 0.0
    for edge in range(first, first + num_edges):
        move = tree.edges[slot, edge].move
        improved[move] = math.exp(improved[move] - largest)
        total += improved[move]
    for edge in range(first, first + num_edges):
        improved[tree.edges[slot, edge].move] /= total
    return int(winner)
