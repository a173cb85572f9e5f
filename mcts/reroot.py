"""Moving the root of a tree to one of its children, compiled: what was learnt below it is kept, or all is dropped."""

import numpy as np

from gomoku.compiling import kernel
from mcts.transpositions import remember_kept
from mcts.tree import NO_NODE, Tree, reset_slot


@kernel
def play_at_root(tree: Tree, slot: int, move: int) -> None:
    """Makes the move on the root's position; the nodes are still those of the position before."""
    tree.cells[slot, move] = tree.slots[slot].to_play
    tree.slots[slot].to_play = -tree.slots[slot].to_play


@kernel
def restart_root(tree: Tree, slot: int, move: int) -> None:
    """Plays `move` at the root and keeps nothing: the new root is unexpanded and new."""
    play_at_root(tree, slot, move)
    reset_slot(tree, slot)


@kernel
def move_root(tree: Tree, slot: int, move: int) -> None:
    """Plays `move` at the root and keeps the subtree below it; without one, the new root is unexpanded and new."""
    new_root = NO_NODE
    if tree.nodes[slot, 0].num_edges > 0:
        first = tree.nodes[slot, 0].first_edge
        for edge in range(first, first + tree.nodes[slot, 0].num_opened):
            if tree.edges[slot, edge].move == move:
                new_root = tree.edges[slot, edge].child
    play_at_root(tree, slot, move)
    # One without edges may yet be proven, by what its twin came to. As a root it needs moves, so it begins anew.
    if new_root == NO_NODE or tree.nodes[slot, new_root].num_edges == 0:
        reset_slot(tree, slot)
        return
    keep_subtree(tree, slot, new_root)
    remember_kept(tree, slot)
    tree.slots[slot].simulations = 0
    tree.slots[slot].is_full = False


@kernel
def keep_subtree(tree: Tree, slot: int, new_root: int) -> None:
    """Moves the subtree below `new_root` to the front of the arena and drops the rest.

    A node's number is above its parent's, so that nodes slide down in one pass. Edges do not always lie in the
    order of their nodes (a full arena leaves a node to be expanded later), so they go by way of a copy.
    """
    new_index = np.full(tree.slots[slot].node_count, NO_NODE, dtype=np.int32)
    old_edges = tree.edges[slot, : tree.slots[slot].edge_count].copy()
    nodes, edges = 0, 0
    for old in range(new_root, tree.slots[slot].node_count):
        parent = tree.nodes[slot, old].parent
        if old != new_root and new_index[parent] == NO_NODE:
            continue
        node = nodes
        nodes += 1
        new_index[old] = node
        old_first = tree.nodes[slot, old].first_edge
        tree.nodes[slot, node] = tree.nodes[slot, old]
        tree.nodes[slot, node].parent = NO_NODE if old == new_root else new_index[parent]
        tree.nodes[slot, node].first_edge = edges
        for k in range(tree.nodes[slot, node].num_edges):
            tree.edges[slot, edges + k] = old_edges[old_first + k]
        edges += tree.nodes[slot, node].num_edges
    for node in range(nodes):
        first = tree.nodes[slot, node].first_edge
        for edge in range(first, first + tree.nodes[slot, node].num_opened):
            tree.edges[slot, edge].child = new_index[tree.edges[slot, edge].child]
    tree.slots[slot].node_count = nodes
    tree.slots[slot].edge_count = edges
