"""Select, compiled: from the roots down to the leaves whose value is wanted."""

import math

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import DRAWN, LINE_MADE, NO_MOVE_LEFT, fill_legal, result_of, seen_by
from gomoku.rules import EMPTY, KernelRules
from mcts.backup import add_value, backup_known
from mcts.config import SearchParams
from mcts.expansion import bring_best_forward, expand_as, expand_to_one
from mcts.halving import choose_root_edge
from mcts.random_stream import draw
from mcts.tactics import examine
from mcts.threats import ThreatSpace
from mcts.transpositions import find_twin, set_key
from mcts.tree import (
    NO_MOVE,
    NO_NODE,
    PROVEN_DRAW,
    PROVEN_LOSS,
    PROVEN_WIN,
    UNPROVEN,
    Leaves,
    Tree,
    open_next_edge,
)

MAX_KNOWN_LEAVES = 1024
"""In one call, of one tree: where every line ends in what is known, whoever watches a clock gets his turn."""


@kernel
def c_puct_at(visits: int, params: SearchParams) -> float:
    """c(s), the weight of exploration at a node with so many visits. Source: as of `choose_edge`."""
    return params.c_puct_init + math.log1p((visits + 1) / params.c_puct_base)


@kernel
def choose_edge(tree: Tree, slot: int, node: int, colour: int, params: SearchParams) -> int:
    """The edge with the highest PUCT score, Q + c(N) · √N · P / (1 + n + m).

    N is the node's visits and pending leaves, n and m are the child's, W is the sum of its values. c(N) is
    `c_puct_at`, and `reply_exploration` times as large where the opponent of the root's side is to move.

    * An opened edge: Q = (W - virtual_loss · m) / (n + m), 0 where n + m is 0. With the solver, a move that is
      proven to lose is passed over, and a proven draw's score is its exact value, without exploration.
    * An unopened edge: n = m = 0, and Q is 0, or by `fpu_from_parent` the mean of the node's own value and all values
      of its opened children, (own_value + ΣW) / (1 + Σn), less fpu_reduction · √(ΣP of the opened edges). Of these
      edges only the next one, which has the best prior, can win, since they share Q.

    Equal scores go to the edge that was opened first.

    Args:
      colour: to move at `node`.

    Source: Silver et al. 2018, "A general reinforcement learning algorithm…", Methods (Search); first-play urgency
    as in KataGo.
    """
    first = tree.nodes[slot, node].first_edge
    opened = tree.nodes[slot, node].num_opened
    n_parent = tree.nodes[slot, node].visits + tree.nodes[slot, node].pending
    exploration = c_puct_at(n_parent, params) * math.sqrt(n_parent)
    if colour != tree.slots[slot].to_play:
        exploration *= params.reply_exploration

    best, best_score = -1, -math.inf
    n_sum, w_sum, opened_prior = 1.0, float(tree.nodes[slot, node].own_value), 0.0
    for edge in range(first, first + opened):
        child = tree.edges[slot, edge].child
        n, w = tree.nodes[slot, child].visits, tree.nodes[slot, child].value_sum
        prior = tree.edges[slot, edge].prior
        n_sum, w_sum, opened_prior = n_sum + n, w_sum + w, opened_prior + prior
        proof = tree.nodes[slot, child].proof
        if params.solver and proof == PROVEN_LOSS:
            continue
        pending = tree.nodes[slot, child].pending
        # Of a proven draw the value is known, and there is nothing left to explore.
        score = float(tree.slots[slot].draw_value * colour)
        if proof != PROVEN_DRAW or not params.solver:
            score = exploration * prior / (1 + n + pending)
            if n + pending > 0:
                score += (w - params.virtual_loss * pending) / (n + pending)
        if score > best_score:
            best, best_score = edge, score

    if opened < tree.nodes[slot, node].num_edges:
        q = 0.0
        if params.fpu_from_parent:
            q = w_sum / n_sum - params.fpu_reduction * math.sqrt(opened_prior)
        if best < 0 or q + exploration * tree.edges[slot, first + opened].prior > best_score:
            best = first + opened
    return best


@kernel
def open_edge(tree: Tree, slot: int, node: int, rules: KernelRules) -> int:
    """Makes the child behind the next unopened edge, whose move has just been played, and looks at the result."""
    child = open_next_edge(tree, slot, node)
    bring_best_forward(tree, slot, node)
    result = result_of(tree.cells[slot], rules, tree.nodes[slot, child].move)
    if result in (LINE_MADE, NO_MOVE_LEFT):
        tree.nodes[slot, child].proof = PROVEN_WIN
    elif result == DRAWN:
        tree.nodes[slot, child].proof = PROVEN_DRAW
    return child


@kernel
def descend(tree: Tree, slot: int, rules: KernelRules, params: SearchParams) -> int:
    """Plays from the root down to a leaf, on the slot's cells, and returns it.

    A leaf is a node that was never expanded, or one whose value is known for certain.
    """
    cells = tree.cells[slot]
    colour = tree.slots[slot].to_play
    node = 0
    while tree.nodes[slot, node].num_edges > 0 and (node == 0 or tree.nodes[slot, node].proof == UNPROVEN):
        by_halving = node == 0 and params.halving_moves > 0
        edge = choose_root_edge(tree, slot, params) if by_halving else choose_edge(tree, slot, node, colour, params)
        cells[tree.edges[slot, edge].move] = colour
        if edge - tree.nodes[slot, node].first_edge == tree.nodes[slot, node].num_opened:
            return open_edge(tree, slot, node, rules)
        node = tree.edges[slot, edge].child
        colour = -colour
    return node


@kernel
def ascend(tree: Tree, slot: int, node: int, pending: int) -> None:
    """Takes the moves from the root to `node` back and adds `pending` to every node on the way."""
    while node != NO_NODE:
        tree.nodes[slot, node].pending += pending
        if node != 0:
            tree.cells[slot, tree.nodes[slot, node].move] = EMPTY
        node = tree.nodes[slot, node].parent


@kernel
def colour_to_move(tree: Tree, slot: int, node: int) -> int:
    """Whose turn it is at `node`."""
    colour = tree.slots[slot].to_play
    while node != 0:
        colour = -colour
        node = tree.nodes[slot, node].parent
    return int(colour)


@kernel
def write_leaf(tree: Tree, slot: int, node: int, rules: KernelRules, leaves: Leaves, row: int) -> None:
    """Writes the position on the slot's cells, which is the one at `node`, into a row of `leaves`."""
    to_play = colour_to_move(tree, slot, node)
    cells = tree.cells[slot]
    seen_by(cells, to_play, leaves.stones[row])
    fill_legal(cells, rules, to_play, leaves.legal[row])
    leaves.slot[row] = slot
    leaves.node[row] = node
    leaves.to_play[row] = to_play
    leaves.seeds[row] = draw(tree.rng, slot)


@kernel
def resolve_leaf(
    tree: Tree, slot: int, leaf: int, rules: KernelRules, params: SearchParams, space: ThreatSpace
) -> tuple[int, int, int]:
    """Writes into the tree what can be known of a leaf before the evaluator is asked: keys, proofs, edges, children.

    One that tactics leave a single move is gone past: it gets this move as its only edge, the move is played on the
    slot's cells, and the child is the leaf. One whose position the tree has met before gets the proof of its twin, or
    the edges and the value that its twin got; the seed that it would have been asked with is drawn all the same.

    Args:
      leaf: whose position is on the slot's cells.

    Returns: the leaf that it came to, whose position is on the cells now; the colour to move there; and the one move
    that does not lose at once, where there is such a need that could not be gone past, else NO_MOVE.
    """
    node = leaf
    colour = colour_to_move(tree, slot, node)
    while node == 0 or tree.nodes[slot, node].proof == UNPROVEN:
        if node != 0:
            set_key(tree, slot, node, colour, space)
            twin = find_twin(tree, slot, node)
            if twin != NO_NODE:
                draw(tree.rng, slot)  # the seed that it would have been asked with
                tree.nodes[slot, node].proof = tree.nodes[slot, twin].proof
                if tree.nodes[slot, twin].proof == UNPROVEN:
                    expand_as(tree, slot, node, twin, space)
                break
        if not params.has_tactics:
            break
        proof, only = examine(tree.cells[slot], rules, params, space, colour, params.vcf_nodes)
        tree.nodes[slot, node].proof = -proof  # a leaf's proof is never a draw
        if proof != UNPROVEN or only == NO_MOVE:
            break
        has_room = tree.slots[slot].node_count < tree.nodes.shape[1]
        has_room = has_room and tree.slots[slot].edge_count < tree.edges.shape[1]
        if node == 0 or not params.follow_forced or not has_room:
            return node, colour, only
        expand_to_one(tree, slot, node, only, 0.0)
        tree.cells[slot, only] = colour
        node = open_edge(tree, slot, node, rules)
        colour = -colour
    return node, colour, NO_MOVE


@kernel
def may_simulate(tree: Tree, slot: int, target: int, params: SearchParams) -> bool:
    """Whether the slot's search goes on: simulations left, room left, nothing proven."""
    if tree.slots[slot].simulations >= target or tree.slots[slot].is_full:
        return False
    return not (params.solver and tree.nodes[slot, 0].proof != UNPROVEN)


@kernel
def select_leaves(
    tree: Tree,
    rules: KernelRules,
    params: SearchParams,
    space: ThreatSpace,
    targets: NDArray[np.int64],
    leaves: Leaves,
) -> int:
    """Collects up to `leaves_per_tree` distinct leaves from every slot whose search goes on.

    Leaves whose value is known before the evaluator is asked, see `resolve_leaf`, are backed up at once, and the next
    one is looked for, up to `MAX_KNOWN_LEAVES` of them. Every collected leaf leaves a virtual loss on its path, which
    `backup` removes. One that is met again while it waits gets another loss until the tree has collected all it can.

    Args:
      targets: `[G]` simulations at which a slot's search ends; 0 for slots that are not in use.

    Returns: the number of rows of `leaves` in use.
    """
    count = 0
    for slot in range(len(targets)):
        taken = known = met = 0
        while taken < params.leaves_per_tree and known < MAX_KNOWN_LEAVES:
            if not may_simulate(tree, slot, targets[slot], params):
                break
            if tree.slots[slot].node_count == tree.nodes.shape[1]:
                tree.slots[slot].is_full = True
                break
            node = descend(tree, slot, rules, params)
            if tree.nodes[slot, node].pending > 0 and tree.nodes[slot, node].proof == UNPROVEN:
                if met == params.collisions:
                    ascend(tree, slot, node, 0)  # collected already: wait for its value
                    break
                ascend(tree, slot, node, 1)
                leaves.met[met] = node
                met += 1
                continue
            if node != 0:
                tree.slots[slot].simulations += 1
            node, colour, only = resolve_leaf(tree, slot, node, rules, params, space)
            if tree.nodes[slot, node].proof != UNPROVEN:
                ascend(tree, slot, node, 0)
                backup_known(tree, slot, node, -colour, params)
                known += 1
            elif tree.nodes[slot, node].num_edges > 0:
                ascend(tree, slot, node, 0)
                add_value(tree, slot, node, -float(tree.nodes[slot, node].own_value), 0)
                known += 1
            else:
                write_leaf(tree, slot, node, rules, leaves, count)
                leaves.only[count] = only
                ascend(tree, slot, node, 1)
                taken += 1
                count += 1
        for k in range(met):
            ascend(tree, slot, leaves.met[k], -1)
    return count
