"""Reading a tree, compiled: what is known of the root's moves, and the expected line."""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from mcts.tree import NO_NODE, PROVEN_DRAW, PROVEN_LOSS, PROVEN_WIN, UNPROVEN, Tree, exact_value


@kernel
def read_root(
    tree: Tree,
    slot: int,
    visit_counts: NDArray[np.int32],
    q_values: NDArray[np.float32],
    priors: NDArray[np.float32],
    proofs: NDArray[np.int8],
) -> tuple[float, int]:
    """Writes what is known of the root's moves into arrays `[A]` of zeros.

    Returns: value and proof of the root, for the side to move.
    """
    draw_value = float(tree.slots[slot].draw_value * tree.slots[slot].to_play)
    first = tree.nodes[slot, 0].first_edge
    opened, num_edges = tree.nodes[slot, 0].num_opened, tree.nodes[slot, 0].num_edges
    n_sum, w_sum = 0, 0.0
    all_proven, has_win, has_draw = opened == num_edges, False, False
    for edge in range(first, first + num_edges):
        move = tree.edges[slot, edge].move
        priors[move] = tree.edges[slot, edge].prior
        if edge >= first + opened:
            continue
        child = tree.edges[slot, edge].child
        n, w, proof = (
            tree.nodes[slot, child].visits,
            tree.nodes[slot, child].value_sum,
            tree.nodes[slot, child].proof,
        )
        n_sum, w_sum = n_sum + n, w_sum + w
        visit_counts[move] = n
        proofs[move] = proof
        if proof != UNPROVEN:
            q_values[move] = exact_value(proof, draw_value)
        elif n > 0:
            q_values[move] = w / n
        has_win = has_win or proof == PROVEN_WIN
        has_draw = has_draw or proof == PROVEN_DRAW
        all_proven = all_proven and proof != UNPROVEN
    if has_win:
        return 1.0, PROVEN_WIN
    if all_proven:
        return (draw_value, PROVEN_DRAW) if has_draw else (-1.0, PROVEN_LOSS)
    # A root of one move that was gone past as a leaf has no word of its own.
    n_own = max(tree.nodes[slot, 0].visits, 1) - n_sum
    return (w_sum + n_own * tree.nodes[slot, 0].own_value) / (n_own + n_sum), UNPROVEN


@kernel
def read_line(tree: Tree, slot: int, move: int, max_length: int) -> NDArray[np.int16]:
    """The moves from the root's `move` on, always to the most visited child."""
    line = np.empty(max_length, dtype=np.int16)
    node, length = 0, 0
    while length < max_length and tree.nodes[slot, node].num_edges > 0:
        first = tree.nodes[slot, node].first_edge
        best = NO_NODE
        for edge in range(first, first + tree.nodes[slot, node].num_opened):
            child = tree.edges[slot, edge].child
            wanted = length > 0 or tree.edges[slot, edge].move == move
            if wanted and (best == NO_NODE or tree.nodes[slot, child].visits > tree.nodes[slot, best].visits):
                best = child
        if best == NO_NODE:
            break
        line[length] = tree.nodes[slot, best].move
        length += 1
        node = best
    return line[:length]
