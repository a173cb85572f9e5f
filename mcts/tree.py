"""The trees as arrays: what a node and an edge hold, and where they lie.

Every game has a slot with an arena of its own: nodes and edges are numbered from 0 within it, the root is node 0,
and a node's number is above its parent's. Values and proofs of a node are seen by the player who moved into it, who
is the one that chooses it.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel

UNPROVEN, PROVEN_WIN, PROVEN_LOSS, PROVEN_DRAW = 0, 1, -1, 2
"""For the player who moved into the node."""

NO_NODE = -1
NO_MOVE = -1
"""In place of a point."""


NODE = np.dtype(
    [
        ("value_sum", np.float64),  # of backed-up values
        ("key", np.uint64),  # of the position, see `mcts/transpositions.py`
        ("visits", np.int32),
        ("parent", np.int32),  # NO_NODE at the root
        ("pending", np.int32),  # leaves at or below this node that wait for the network
        ("first_edge", np.int32),  # where the node's edges start
        # From the side to move at the node: the evaluator's; at a root that tactics settled, what they proved; 0
        # where the node was gone past.
        ("own_value", np.float32),
        ("move", np.int16),  # into the node
        # Legal moves, or those of them that tactics leave: one, or what a settled root shows. 0 until it is expanded.
        ("num_edges", np.int16),
        ("num_opened", np.int16),  # edges that have a child: the first ones; the next has the best prior left
        ("proof", np.int8),
    ],
    align=True,
)
EDGE = np.dtype(
    [
        ("prior", np.float32),
        ("child", np.int32),  # valid for opened edges
        ("move", np.int16),
    ]
)
SLOT = np.dtype(
    [
        ("simulations", np.int64),  # since the root was set
        ("node_count", np.int32),
        ("edge_count", np.int32),
        ("draw_value", np.float32),  # of a draw for Black, -1 to 1: what it is worth to the one who searches
        ("to_play", np.int8),  # at the root
        ("is_full", np.bool_),  # the arena has no room left: the search ends with what it knows
    ],
    align=True,
)


class Tree(NamedTuple):
    """`G` slots, each with room for `N` nodes and `E` edges; `A` points on the board.

    Few arrays of records, not many of numbers: kernels hand the tree on to each other, and a child that is looked
    at comes with one cache line.
    """

    cells: NDArray[np.int8]
    """`[G, A]` the root's position; the search plays on it and takes back."""
    rng: NDArray[np.uint64]
    """`[G]` state of the slot's random stream."""
    slots: NDArray[Any]
    """`[G]` of SLOT."""
    nodes: NDArray[Any]
    """`[G, N]` of NODE."""
    edges: NDArray[Any]
    """`[G, E]` of EDGE."""
    considered_visits: NDArray[np.int32]
    """`[G, S]` for each simulation of a root that is searched by halving: visits of the moves that compete for it;
    `S` is 1 where no root is."""
    transposition_table: NDArray[np.int32]
    """`[G, T]` nodes by their positions' keys, see `mcts/transpositions.py`; 0 is none, and so is `T` where none is
    looked for."""


def allocate_tree(
    num_slots: int, num_points: int, max_nodes: int, max_edges: int, max_halved: int = 1, table_entries: int = 0
) -> Tree:
    """Reserves the arenas; the system gives memory to a page only when it is first written.

    Args:
      max_nodes, max_edges: of each slot.
      max_halved: simulations of a root that is searched by halving.
      table_entries: of each slot's transposition table.

    Raises:
      ValueError: more than this machine has.
    """
    try:
        return Tree(
            cells=np.zeros((num_slots, num_points), dtype=np.int8),
            rng=np.zeros(num_slots, dtype=np.uint64),
            slots=np.zeros(num_slots, dtype=SLOT),
            nodes=np.empty((num_slots, max_nodes), dtype=NODE),
            edges=np.empty((num_slots, max_edges), dtype=EDGE),
            considered_visits=np.zeros((num_slots, max_halved), dtype=np.int32),
            transposition_table=np.zeros((num_slots, table_entries), dtype=np.int32),
        )
    except MemoryError:
        size = num_slots * (max_nodes * NODE.itemsize + max_edges * EDGE.itemsize) / 2**30
        raise ValueError(
            f"{size:.1f} GiB for the search's trees are more than there is here; fewer simulations need less"
        ) from None


def bytes_per_node(num_points: int) -> int:
    """Memory of a search for each simulation: a leaf with its edges, a node that was gone past, entries for twins."""
    return 2 * NODE.itemsize + 4 * np.dtype(np.int32).itemsize + EDGE.itemsize * num_points


def nodes_within(num_bytes: int, num_points: int) -> int:
    """How many nodes of a board of `num_points` fit into `num_bytes`."""
    return max(2, num_bytes // bytes_per_node(num_points))


class Leaves(NamedTuple):
    """Room for `B` leaves that wait for one network call."""

    slot: NDArray[np.int32]
    """`[B]`"""
    node: NDArray[np.int32]
    """`[B]`"""
    stones: NDArray[np.int8]
    """`[B, A]` +1 side to move, -1 opponent, 0 empty, 2 blocked."""
    to_play: NDArray[np.int8]
    """`[B]`"""
    legal: NDArray[np.bool_]
    """`[B, A]`"""
    seeds: NDArray[np.uint64]
    """`[B]`"""
    only: NDArray[np.int16]
    """`[B]` the one move that does not lose at once, else NO_MOVE: what the node's edges are cut down to."""

    met: NDArray[np.int32]
    """`[C]` leaves of one tree that were met again while they wait."""


def allocate_leaves(count: int, num_points: int, max_met: int = 0) -> Leaves:
    return Leaves(
        met=np.zeros(max_met, dtype=np.int32),
        slot=np.zeros(count, dtype=np.int32),
        node=np.zeros(count, dtype=np.int32),
        stones=np.zeros((count, num_points), dtype=np.int8),
        to_play=np.zeros(count, dtype=np.int8),
        legal=np.zeros((count, num_points), dtype=np.bool_),
        seeds=np.zeros(count, dtype=np.uint64),
        only=np.zeros(count, dtype=np.int16),
    )


def bytes_per_leaf(num_points: int) -> int:
    """Memory of a search for each leaf that its trees send to one network call."""
    return sum(part.nbytes for part in allocate_leaves(1, num_points))


@kernel
def reset_slot(tree: Tree, slot: int) -> None:
    """Leaves the slot with nothing but an unexpanded root."""
    tree.slots[slot].node_count = 0
    tree.slots[slot].edge_count = 0
    tree.slots[slot].simulations = 0
    tree.slots[slot].is_full = False
    tree.transposition_table[slot] = 0
    add_node(tree, slot, NO_NODE, -1)


@kernel
def add_node(tree: Tree, slot: int, parent: int, move: int) -> int:
    node = tree.slots[slot].node_count
    tree.slots[slot].node_count = node + 1
    tree.nodes[slot, node].parent = parent
    tree.nodes[slot, node].move = move
    tree.nodes[slot, node].visits = 0
    tree.nodes[slot, node].value_sum = 0.0
    tree.nodes[slot, node].key = np.uint64(0)
    tree.nodes[slot, node].pending = 0
    tree.nodes[slot, node].proof = UNPROVEN
    tree.nodes[slot, node].num_edges = 0
    tree.nodes[slot, node].num_opened = 0
    return int(node)


@kernel
def open_next_edge(tree: Tree, slot: int, node: int) -> int:
    """Makes the child behind the next unopened edge."""
    edge = tree.nodes[slot, node].first_edge + tree.nodes[slot, node].num_opened
    child = add_node(tree, slot, node, tree.edges[slot, edge].move)
    tree.edges[slot, edge].child = child
    tree.nodes[slot, node].num_opened += 1
    return child


@kernel
def exact_value(proof: int, draw_value: float) -> float:
    """The value of a proven node, for the player the proof is about, to whom a draw is worth `draw_value`."""
    if proof == PROVEN_WIN:
        return 1.0
    return -1.0 if proof == PROVEN_LOSS else draw_value
