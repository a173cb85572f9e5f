"""Backup, compiled: values and proofs go up to the root, and their sign flips from node to node.

Elsewhere it flips only where a node is looked at by the side to move: selection and the rollouts' winner.
"""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from mcts.config import SearchParams
from mcts.tree import NO_NODE, PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN, Leaves, Tree, exact_value


@kernel
def add_value(tree: Tree, slot: int, node: int, value: float, pending: int) -> None:
    """Adds a value, seen by the player who moved into `node`, and `pending` to every node up to the root."""
    while node != NO_NODE:
        tree.nodes[slot, node].visits += 1
        tree.nodes[slot, node].value_sum += value
        tree.nodes[slot, node].pending += pending
        value = -value
        node = tree.nodes[slot, node].parent


@kernel
def weigh_draws(
    tree: Tree, leaves: Leaves, count: int, values: NDArray[np.float32], draws: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Values `[count]` in which a draw is worth what the searches say, in place of 0.

    Args:
      values, draws: `[count]` as in `Evaluation`.
    """
    weighed = values.copy()
    for row in range(count):
        weighed[row] += draws[row] * tree.slots[leaves.slot[row]].draw_value * leaves.to_play[row]
    return weighed


@kernel
def backup(tree: Tree, leaves: Leaves, count: int, values: NDArray[np.float32]) -> None:
    """Adds each leaf's value to every node on its path and removes its virtual loss.

    Args:
      values: `[count]` in [-1, 1], from the side to move at the leaf.
    """
    for row in range(count):
        add_value(tree, leaves.slot[row], leaves.node[row], -float(values[row]), -1)


@kernel
def prove_from_children(tree: Tree, slot: int, node: int) -> int:
    """The node's proof as far as its children's settle it, for the player who moved into it."""
    first = tree.nodes[slot, node].first_edge
    all_proven = tree.nodes[slot, node].num_opened == tree.nodes[slot, node].num_edges
    has_draw = False
    for edge in range(first, first + tree.nodes[slot, node].num_opened):
        proof = tree.nodes[slot, tree.edges[slot, edge].child].proof
        if proof == PROVEN_WIN:
            return PROVEN_LOSS
        has_draw = has_draw or proof == PROVEN_DRAW
        all_proven = all_proven and proof != UNPROVEN
    if not all_proven:
        return UNPROVEN
    return PROVEN_DRAW if has_draw else PROVEN_WIN


@kernel
def backup_known(tree: Tree, slot: int, node: int, mover: int, params: SearchParams) -> None:
    """Backs up a leaf of known value: no virtual loss was laid on its path, and its proof may spread.

    Args:
      mover: colour that moved into `node`.
    """
    draw_value = tree.slots[slot].draw_value * mover
    value = exact_value(tree.nodes[slot, node].proof, draw_value)
    spreads = params.solver
    while True:
        tree.nodes[slot, node].visits += 1
        tree.nodes[slot, node].value_sum += value
        node = tree.nodes[slot, node].parent
        if node == NO_NODE:
            return
        value, draw_value = -value, -draw_value
        if spreads:
            proof = prove_from_children(tree, slot, node)
            spreads = proof != UNPROVEN
            if spreads:
                tree.nodes[slot, node].proof = proof
                value = exact_value(proof, draw_value)
