"""Positions that a tree meets again by another order of moves, compiled: what was evaluated once is not asked again.

A position that is met again gets what its twin got, and where nothing is proven the search is to the bit the one that
would have asked again.
"""

import numpy as np

from gomoku.compiling import kernel
from gomoku.rules import BLACK
from mcts.threats import ThreatSpace
from mcts.tree import NO_NODE, Tree

WAYS = 8
"""Entries in which a key may lie."""


def table_size(max_nodes: int) -> int:
    """Entries for a tree of so many nodes: a power of two, two for each at least."""
    return max(WAYS, 2 << (max_nodes - 1).bit_length())


@kernel
def set_key(tree: Tree, slot: int, node: int, colour: int, space: ThreatSpace) -> None:
    """Gives a node below the root the key of its position; `colour` is to move there, the other one moved last.

    Keys tell positions of one tree apart, the root's position being the same to all of them.
    """
    parent = tree.nodes[slot, node].parent
    mover = 1 if colour == BLACK else 0  # which is White's, where Black is to move
    tree.nodes[slot, node].key = tree.nodes[slot, parent].key ^ space.keys[mover, tree.nodes[slot, node].move]


@kernel
def first_entry(tree: Tree, key: np.uint64) -> int:
    return int(key % np.uint64(tree.transposition_table.shape[1] // WAYS)) * WAYS


@kernel
def remember(tree: Tree, slot: int, node: int) -> None:
    """Enters an expanded node; where all entries that its key may have are taken, another one is given up.

    Not the root, whose priors may hold noise and to which no moves lead back, nor a node of one move, which may have
    it from tactics.
    """
    if node == 0 or tree.transposition_table.shape[1] == 0 or tree.nodes[slot, node].num_edges < 2:
        return
    key = tree.nodes[slot, node].key
    first = first_entry(tree, key)
    entry = first + node % WAYS
    for candidate in range(first, first + WAYS):
        if tree.transposition_table[slot, candidate] == 0:
            entry = candidate
            break
    tree.transposition_table[slot, entry] = node


@kernel
def remember_kept(tree: Tree, slot: int) -> None:
    """Enters all nodes of a tree whose nodes were numbered anew."""
    tree.transposition_table[slot] = 0
    for node in range(1, tree.slots[slot].node_count):
        remember(tree, slot, node)


@kernel
def find_twin(tree: Tree, slot: int, node: int) -> int:
    """An expanded node of the same position as an unexpanded one whose key is set, or NO_NODE."""
    if tree.transposition_table.shape[1] == 0:
        return NO_NODE
    key = tree.nodes[slot, node].key
    first = first_entry(tree, key)
    for entry in range(first, first + WAYS):
        twin = tree.transposition_table[slot, entry]
        if twin != 0 and tree.nodes[slot, twin].key == key and is_same_position(tree, slot, node, twin):
            return int(twin)
    return NO_NODE


@kernel
def is_same_position(tree: Tree, slot: int, node: int, twin: int) -> bool:
    """Whether the stones of `twin`, whose key is the same, are those on the slot's cells, where `node` lies.

    Both are compared whole, so that no collision of keys can give a wrong answer.
    """
    mover = -tree.slots[slot].to_play
    one, other = node, twin
    while one != 0 and other != 0:  # up to the root, for who moved first
        mover = -mover
        one, other = tree.nodes[slot, one].parent, tree.nodes[slot, other].parent
    if one != 0 or other != 0:
        return False
    while twin != 0:
        if tree.cells[slot, tree.nodes[slot, twin].move] != mover:
            return False
        mover = -mover
        twin = tree.nodes[slot, twin].parent
    return True
