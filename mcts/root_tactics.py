"""Tactics at the root, compiled: proofs become moves that can be played, and losing moves are marked.

Only here are wins by threes looked for: at every leaf they cost more time than they are worth (docs/methods.md).

Below the root a proof needs no edges, since the search never goes past it. A root needs them: someone wants a move.
"""

import numpy as np
from numpy.typing import NDArray

from gomoku.compiling import kernel
from gomoku.kernels import Cells, fill_legal, is_allowed
from gomoku.rules import EMPTY, KernelRules
from mcts.backup import prove_from_children
from mcts.config import SearchParams
from mcts.expansion import bring_best_forward, expand_leaf, swap_edges
from mcts.fours import POSITIONS
from mcts.tactics import can_force, examine
from mcts.threats import ThreatSpace, scan
from mcts.threes import LOOKED_AT, winning_threat
from mcts.tree import (
    NO_MOVE,
    PROVEN_LOSS,
    PROVEN_WIN,
    UNPROVEN,
    Tree,
    exact_value,
    open_next_edge,
    reset_slot,
)

DEFENCE_SEARCHES = 4
"""Searches of the full `root_vcf_nodes` and `root_vct_nodes` that may be spent on all moves of the root together."""


@kernel
def settle_root(tree: Tree, slot: int, rules: KernelRules, params: SearchParams, space: ThreatSpace) -> None:
    """Proves the root by tactics where that can be done, and gives it the edges that show it.

    A node that was proven as a leaf has a proof and no edges; it is judged again.
    """
    cells = tree.cells[slot]
    colour = tree.slots[slot].to_play
    is_expanded = tree.nodes[slot, 0].num_edges > 0
    if not is_expanded:
        reset_slot(tree, slot)
    elif tree.nodes[slot, 0].proof != UNPROVEN:
        # `defend_root` proves a move that was searched before without a child that shows how it is refuted.
        tree.nodes[slot, 0].proof = prove_from_children(tree, slot, 0)
        if tree.nodes[slot, 0].proof != UNPROVEN:
            return
    proof, move = examine(cells, rules, params, space, colour, params.root_vcf_nodes)
    if proof == UNPROVEN and params.root_vct_nodes > 0:
        move = winning_threat(cells, rules, space, colour, params.root_vct_nodes)
        proof = UNPROVEN if move == NO_MOVE else PROVEN_WIN
    if proof == UNPROVEN:
        return
    if proof == PROVEN_WIN:
        space.mask[:] = False
        space.mask[move] = True
    elif is_expanded:
        space.mask[:] = True
    else:
        mask_defences(tree, slot, rules, space)
    if not is_expanded:
        share = np.float32(1.0 / space.mask.sum())
        for point in range(len(space.mask)):
            space.priors[point] = share if space.mask[point] else np.float32(0)
        expand_leaf(tree, slot, 0, space.mask, space.priors, exact_value(proof, 0.0))  # never a draw
    prove_moves(tree, slot, space.mask, proof)


@kernel
def mask_defences(tree: Tree, slot: int, rules: KernelRules, space: ThreatSpace) -> None:
    """Writes into the mask what a lost side might as well play: where the opponent makes a line, if it may."""
    cells = tree.cells[slot]
    colour = tree.slots[slot].to_play
    threats = scan(cells, rules, space, colour)
    space.mask[:] = False
    for move in (threats.block, threats.other_block):
        if move != NO_MOVE:
            space.mask[move] = is_allowed(cells, rules, colour, move)
    if not space.mask.any():
        fill_legal(cells, rules, colour, space.mask)


@kernel
def defend_root(tree: Tree, slot: int, rules: KernelRules, params: SearchParams, space: ThreatSpace) -> None:
    """Marks the moves of an expanded root that leave the opponent a win by threats as proven losses.

    Nothing is done where the side to move makes its own line at once, or where the opponent would have no such win
    after a pass. Likely moves come first.
    """
    cells = tree.cells[slot]
    colour = tree.slots[slot].to_play
    vcf_nodes, vct_nodes = params.root_vcf_nodes, params.root_vct_nodes
    if tree.nodes[slot, 0].proof != UNPROVEN or scan(cells, rules, space, colour).win != NO_MOVE:
        return
    if not can_win(cells, rules, space, -colour, vcf_nodes, vct_nodes):
        return
    space.mask[:] = False
    vcf_left, vct_left = DEFENCE_SEARCHES * vcf_nodes, DEFENCE_SEARCHES * vct_nodes
    first, count = tree.nodes[slot, 0].first_edge, tree.nodes[slot, 0].num_edges
    priors = space.priors
    for edge in range(count):
        priors[edge] = tree.edges[slot, first + edge].prior
    for _ in range(count):
        edge = int(priors[:count].argmax())
        priors[edge] = -1
        move = tree.edges[slot, first + edge].move
        cells[move] = colour
        space.mask[move] = can_win(cells, rules, space, -colour, min(vcf_nodes, vcf_left), min(vct_nodes, vct_left))
        vcf_left -= space.counts[POSITIONS]
        vct_left -= space.counts[LOOKED_AT]
        cells[move] = EMPTY
    prove_moves(tree, slot, space.mask, PROVEN_LOSS)


@kernel
def can_win(
    cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, vcf_nodes: int, vct_nodes: int
) -> bool:
    """Whether `colour`, to move, makes its line at once, wins by fours, or by fours and threes."""
    space.counts[LOOKED_AT] = 0
    if can_force(cells, rules, space, colour, vcf_nodes):
        return True
    positions = space.counts[POSITIONS]
    is_won = vct_nodes > 0 and winning_threat(cells, rules, space, colour, vct_nodes) != NO_MOVE
    space.counts[POSITIONS] = positions
    return is_won


@kernel
def prove_moves(tree: Tree, slot: int, mask: NDArray[np.bool_], proof: int) -> None:
    """Opens the root's edges of the moves in `mask`, marks their children as proven, and settles the root by them.

    A full arena leaves moves unmarked: the search then finds out by itself.
    """
    first = tree.nodes[slot, 0].first_edge
    for edge in range(first, first + tree.nodes[slot, 0].num_edges):
        move = tree.edges[slot, edge].move
        if not mask[move]:
            continue
        opened = first + tree.nodes[slot, 0].num_opened
        if edge >= opened:
            if tree.slots[slot].node_count == tree.nodes.shape[1]:
                break
            swap_edges(tree, slot, edge, opened)
            open_next_edge(tree, slot, 0)
            edge = opened
        tree.nodes[slot, tree.edges[slot, edge].child].proof = proof
    bring_best_forward(tree, slot, 0)
    tree.nodes[slot, 0].proof = prove_from_children(tree, slot, 0)
