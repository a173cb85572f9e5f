"""Wins by fours, compiled: every move of the attacker threatens to make the line, every reply is forced.

Owns the search known as VCF. What it finds is true under the rules it is given, whatever the defender does: the
reply to a four is its one completion, or the line is made; a defender who can make a line of their own must be
stopped by the next four. What it does not find within its limit proves nothing.

Source: Allis, van den Herik, Huntjens 1993, "Go-Moku and Threat-ThreatSpace Search", with fours for threats.
"""

import numpy as np

from gomoku.compiling import kernel
from gomoku.kernels import Cells, is_allowed
from gomoku.rules import EMPTY, KernelRules
from mcts.random_stream import GAMMA
from mcts.threats import FAILED_SIZE, Threats, ThreatSpace, completions_through, list_candidates_through
from mcts.tree import NO_MOVE

SEARCHES, POSITIONS = 0, 1
"""What lies where in `ThreatSpace.counts`."""


@kernel
def find_finisher(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, depth: int) -> int:
    """A four of the frame's candidates that cannot be answered, else NO_MOVE.

    The defender has no completion after it, and its own completions are two, or one where the defender may not play.
    """
    threat = space.frames[depth].threat
    for index in range(space.frames[depth].num_candidates - 1, -1, -1):
        move = int(space.candidates[index])
        if cells[move] != EMPTY or (threat != NO_MOVE and move != threat):
            continue
        cells[move] = colour
        count = completions_through(cells, rules, space, move)
        if count == 1 and rules.fouls:
            count += not is_allowed(cells, rules, -colour, space.points[0])
        cells[move] = EMPTY
        if count > 1 and is_allowed(cells, rules, colour, move):
            return move
    return NO_MOVE


@kernel
def play_next_four(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, depth: int) -> bool:
    """Plays the frame's next four and the reply to it, and notes both in the frame; False where none is left."""
    threat = space.frames[depth].threat
    while space.frames[depth].cursor > 0:
        space.frames[depth].cursor -= 1
        move = int(space.candidates[space.frames[depth].cursor])
        if cells[move] != EMPTY or (threat != NO_MOVE and move != threat):
            continue
        if not is_allowed(cells, rules, colour, move):
            continue
        cells[move] = colour
        if completions_through(cells, rules, space, move) == 1:
            reply = space.points[0]
            cells[reply] = -colour
            space.frames[depth].move = move
            space.frames[depth].reply = reply
            return True
        cells[move] = EMPTY
    return False


@kernel
def open_frame(cells: Cells, rules: KernelRules, space: ThreatSpace, depth: int) -> bool:
    """Sets up the frame of the position after the four and the reply in the one above; False if it is hopeless."""
    move, reply = space.frames[depth - 1].move, space.frames[depth - 1].reply
    count = space.frames[depth - 1].num_candidates
    key = space.frames[depth - 1].key ^ space.keys[0, move] ^ space.keys[1, reply]
    space.frames[depth].key = key
    space.frames[depth].cursor = 0
    space.frames[depth].num_candidates = count
    if space.failed[key % np.uint64(FAILED_SIZE)] == key:
        return False
    num_threats = completions_through(cells, rules, space, reply)
    if num_threats > 1:
        return False
    space.frames[depth].threat = space.points[0] if num_threats == 1 else NO_MOVE
    count = list_candidates_through(cells, rules, space, move, count)
    space.frames[depth].num_candidates = count
    space.frames[depth].cursor = count
    return True


@kernel
def close_frame(cells: Cells, space: ThreatSpace, depth: int) -> None:
    """Takes back what led to the frame, and drops the candidates that it added."""
    above = space.frames[depth - 1]
    for index in range(above.num_candidates, space.frames[depth].num_candidates):
        space.is_listed[space.candidates[index]] = False
    cells[above.move] = EMPTY
    cells[above.reply] = EMPTY


@kernel
def winning_four(
    cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, threats: Threats, node_limit: int
) -> int:
    """The first move of a win by fours for `colour`, whose turn it is and who has no completion; else NO_MOVE.

    Args:
      threats: `scan`'s answer for this position and colour, with its candidates still in `space`.
      node_limit: positions after a four and its reply to look at; 0: only fours that decide at once.
    """
    space.counts[SEARCHES] += 1
    space.counts[POSITIONS] = 0
    if threats.other_block != NO_MOVE or threats.num_candidates == 0:
        return NO_MOVE
    space.frames[0].key = np.uint64(space.counts[SEARCHES]) * GAMMA
    space.frames[0].num_candidates = threats.num_candidates
    space.frames[0].cursor = threats.num_candidates
    space.frames[0].threat = threats.block
    winner = find_finisher(cells, rules, space, colour, 0)
    if winner != NO_MOVE:
        return winner
    depth = 0
    while space.counts[POSITIONS] < node_limit:
        if play_next_four(cells, rules, space, colour, depth):
            depth += 1
            space.counts[POSITIONS] += 1
            if (
                open_frame(cells, rules, space, depth)
                and find_finisher(cells, rules, space, colour, depth) != NO_MOVE
            ):
                winner = int(space.frames[0].move)
                break
        else:
            key = space.frames[depth].key
            space.failed[key % np.uint64(FAILED_SIZE)] = key
            if depth == 0:
                break
            close_frame(cells, space, depth)
            depth -= 1
    while depth > 0:
        close_frame(cells, space, depth)
        depth -= 1
    return winner
