"""Expand, compiled: a leaf gets its edges, and the root its noise."""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from mcts.random_stream import draw_below
from mcts.threats import ThreatSpace
from mcts.transpositions import remember
from mcts.tree import NO_MOVE, Leaves, Tree


@kernel
def swap_edges(tree: Tree, slot: int, one: int, other: int) -> None:
    """Lets two unopened edges change places."""
    move, prior = tree.edges[slot, one].move, tree.edges[slot, one].prior
    tree.edges[slot, one].move = tree.edges[slot, other].move
    tree.edges[slot, one].prior = tree.edges[slot, other].prior
    tree.edges[slot, other].move = move
    tree.edges[slot, other].prior = prior


@kernel
def bring_best_forward(tree: Tree, slot: int, node: int) -> None:
    """Puts the unopened edge with the best prior right behind the opened ones.

    Ties go to the first one after a random offset: with uniform priors that is a fair draw.
    """
    start = tree.nodes[slot, node].first_edge + tree.nodes[slot, node].num_opened
    rest = tree.nodes[slot, node].num_edges - tree.nodes[slot, node].num_opened
    if rest < 2:
        return
    offset = start + draw_below(tree.rng, slot, rest)
    best = offset
    for edge in range(offset + 1, start + rest):
        if tree.edges[slot, edge].prior > tree.edges[slot, best].prior:
            best = edge
    for edge in range(start, offset):
        if tree.edges[slot, edge].prior > tree.edges[slot, best].prior:
            best = edge
    swap_edges(tree, slot, best, start)


@kernel
def expand_leaf(
    tree: Tree, slot: int, node: int, legal: NDArray[np.bool_], priors: NDArray[np.float32], value: float
) -> None:
    """Gives a leaf its edges; where the arena has no room for them, the slot is marked as full."""
    count = 0
    for move in range(len(legal)):
        count += legal[move]
    first = tree.slots[slot].edge_count
    tree.nodes[slot, node].own_value = value
    if first + count > tree.edges.shape[1]:
        tree.slots[slot].is_full = True
        return
    tree.slots[slot].edge_count = first + count
    tree.nodes[slot, node].first_edge = first
    tree.nodes[slot, node].num_edges = count
    edge = first
    for move in range(len(legal)):
        if legal[move]:
            tree.edges[slot, edge].move = move
            tree.edges[slot, edge].prior = priors[move]
            edge += 1
    bring_best_forward(tree, slot, node)


@kernel
def expand_to_one(tree: Tree, slot: int, node: int, move: int, value: float) -> None:
    """Gives a leaf a single edge; where the arena has no room for it, the slot is marked as full."""
    edge = tree.slots[slot].edge_count
    tree.nodes[slot, node].own_value = value
    if edge == tree.edges.shape[1]:
        tree.slots[slot].is_full = True
        return
    tree.slots[slot].edge_count = edge + 1
    tree.nodes[slot, node].first_edge = edge
    tree.nodes[slot, node].num_edges = 1
    tree.edges[slot, edge].move = move
    tree.edges[slot, edge].prior = 1.0


@kernel
def expand_as(tree: Tree, slot: int, node: int, twin: int, space: ThreatSpace) -> None:
    """Gives a leaf what the evaluator said of its twin."""
    space.mask[:] = False
    first = tree.nodes[slot, twin].first_edge
    for edge in range(first, first + tree.nodes[slot, twin].num_edges):
        space.mask[tree.edges[slot, edge].move] = True
        space.priors[tree.edges[slot, edge].move] = tree.edges[slot, edge].prior
    expand_leaf(tree, slot, node, space.mask, space.priors, float(tree.nodes[slot, twin].own_value))


@kernel
def expand(tree: Tree, leaves: Leaves, count: int, priors: NDArray[np.float32], values: NDArray[np.float32]) -> None:
    """Gives each of `count` leaves its edges.

    Args:
      priors: `[count, A]`.
      values: `[count]` from the side to move.
    """
    for row in range(count):
        slot, node = leaves.slot[row], leaves.node[row]
        if leaves.only[row] == NO_MOVE:
            expand_leaf(tree, slot, node, leaves.legal[row], priors[row], values[row])
            remember(tree, slot, node)
        else:
            expand_to_one(tree, slot, node, leaves.only[row], values[row])


@kernel
def mix_root_priors(tree: Tree, slot: int, noise: NDArray[np.float32], fraction: float) -> None:
    """Mixes noise `[A]` into the root's priors."""
    first = tree.nodes[slot, 0].first_edge
    for edge in range(first, first + tree.nodes[slot, 0].num_edges):
        prior = tree.edges[slot, edge].prior
        tree.edges[slot, edge].prior = (1.0 - fraction) * prior + fraction * noise[tree.edges[slot, edge].move]
    bring_best_forward(tree, slot, 0)
