"""Wins by fours and open threes, compiled: what the attacker threatens leaves the defender a handful of replies.

Owns the search known as VCT, as far as its threats are fours and moves that a four decides next: an open three, or
whatever else a single four could finish. What it finds is true: the replies that it tries are all that do not lose
at once. What it does not find within its limit proves nothing.

The defender of such a three has only moves that touch the four that finishes, which are that move and its
completions, and fours of its own. A rule with fouls can turn any move into a defence of Black's attack by making the
finishing move illegal, so that under such rules only White attacks by threes, and no completion of the move that
finishes counts as decisive because Black may not play there. (Of a plain four it does: a foul is no reply.)

Source: Allis, van den Herik, Huntjens 1993, "Go-Moku and Threat-Space Search", with the replies searched one by one.
"""

import numpy as np

from gomoku.compiling import kernel
from gomoku.kernels import Cells, is_allowed
from gomoku.rules import BLACK, EMPTY, KernelRules
from mcts.fours import POSITIONS, winning_four
from mcts.random_stream import GAMMA
from mcts.threats import (
    MAX_HUNT,
    REFUTED_SIZE,
    ThreatSpace,
    completions_through,
    list_candidates_through,
    scan,
    tally_of,
)
from mcts.tree import NO_MOVE

HUNTS, LOOKED_AT, LIMIT, BOUNDED = 2, 3, 4, 5
"""What lies where in `ThreatSpace.counts`, behind what a search by fours keeps there."""
OPEN, WON, LOST = 0, 1, -1
FOURS_PER_POSITION = 40
"""Positions within which each position of the hunt is searched for a win by fours."""
MAX_THREES = 12
"""Threats in a row, forced answers to the defender's fours not counted."""


@kernel
def winning_threat(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, node_limit: int) -> int:
    """The first move of a win by fours and threes for `colour`, whose turn it is and who has no completion.

    Args:
      node_limit: positions to look at, those of the searches by fours included; overrun by one such search at most.

    Returns: NO_MOVE if none was found. `space.counts[LOOKED_AT]` says how many positions were looked at.
    """
    space.counts[LOOKED_AT] = 0
    space.counts[LIMIT] = node_limit
    if rules.fouls and colour == BLACK:
        return NO_MOVE
    space.counts[HUNTS] += 1
    for left in range(1, MAX_THREES + 1):
        space.counts[BOUNDED] = False
        if hunt(cells, rules, space, colour, left):
            return int(space.hunts[0].move)
        if space.counts[LOOKED_AT] >= node_limit or not space.counts[BOUNDED]:
            break  # more threats in a row would change nothing
    return NO_MOVE


@kernel
def hunt(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, left: int) -> bool:
    """Whether `left` threats in a row win; the first of them is then in the first frame. Depth first."""
    depth = 0
    space.hunts[0].key = np.uint64(space.counts[HUNTS]) * GAMMA
    space.hunts[0].left = left
    state = enter(cells, rules, space, colour, 0)
    while True:
        if state != OPEN:
            if state == LOST and space.counts[LOOKED_AT] < space.counts[LIMIT]:
                note_refuted(space, depth)
            if depth == 0:
                return state == WON
            depth -= 1
            cells[space.hunts[depth].reply] = EMPTY
            if state == LOST:
                cells[space.hunts[depth].move] = EMPTY
                space.hunts[depth].move = NO_MOVE
            state = OPEN
        elif space.hunts[depth].move == NO_MOVE:
            state = threaten(cells, rules, space, colour, depth)
        elif space.hunts[depth].num_replies > 0:
            space.hunts[depth].num_replies -= 1
            reply = int(space.replies[depth, space.hunts[depth].num_replies])
            space.hunts[depth].reply = reply
            cells[reply] = -colour
            descend_to(space, depth + 1)
            depth += 1
            state = enter(cells, rules, space, colour, depth)
        else:
            cells[space.hunts[depth].move] = EMPTY
            state = WON


@kernel
def descend_to(space: ThreatSpace, depth: int) -> None:
    """Sets up the frame of the position after the move and the reply in the one above."""
    move, reply = space.hunts[depth - 1].move, space.hunts[depth - 1].reply
    space.hunts[depth].key = space.hunts[depth - 1].key ^ space.keys[0, move] ^ space.keys[1, reply]
    space.hunts[depth].left = space.hunts[depth - 1].left - (not space.hunts[depth - 1].is_forced)


@kernel
def note_refuted(space: ThreatSpace, depth: int) -> None:
    """Remembers that so many threats do not win in the frame's position."""
    key = space.hunts[depth].key
    place = key % np.uint64(REFUTED_SIZE)
    space.refuted[place] = key
    space.refuted_left[place] = space.hunts[depth].left


@kernel
def enter(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, depth: int) -> int:
    """Judges the frame's position, the attacker to move, and lists its threats if that settles nothing."""
    space.hunts[depth].move = NO_MOVE
    space.hunts[depth].num_replies = 0
    space.hunts[depth].num_moves = 0
    key, left = space.hunts[depth].key, space.hunts[depth].left
    place = key % np.uint64(REFUTED_SIZE)
    if space.refuted[place] == key and space.refuted_left[place] >= left:
        space.counts[BOUNDED] = True
        return LOST
    space.counts[LOOKED_AT] += 1
    if space.counts[LOOKED_AT] > space.counts[LIMIT]:
        return LOST
    threats = scan(cells, rules, space, colour)
    if threats.win != NO_MOVE:
        space.hunts[depth].move = threats.win
        return WON
    if threats.other_block != NO_MOVE:
        return LOST
    move = winning_four(cells, rules, space, colour, threats, FOURS_PER_POSITION)
    space.counts[LOOKED_AT] += space.counts[POSITIONS]
    if move != NO_MOVE:
        space.hunts[depth].move = move
        return WON
    is_forced = threats.block != NO_MOVE
    space.hunts[depth].is_forced = is_forced
    if depth + 1 == MAX_HUNT or (left == 0 and not is_forced):
        space.counts[BOUNDED] = True
        return LOST
    if is_forced:
        space.moves[depth, 0] = threats.block
        space.hunts[depth].num_moves = 1
    else:
        list_threats(cells, rules, space, colour, depth)
    return OPEN


@kernel
def list_threats(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, depth: int) -> None:
    """Lists what may make a three or a four: points of windows with three stones less than a line. Best last.

    A point is the better, the more windows it lies in, and those that lack two stones count more.
    """
    width = rules.win_length
    weights = space.weights
    weights[:] = 0
    for line in range(len(space.lines)):
        start, step, length = space.lines[line, 0], space.lines[line, 1], space.lines[line, 2]
        tally = 0
        for index in range(length):
            last = start + index * step
            tally += tally_of(cells[last], colour)
            if index >= width:
                tally -= tally_of(cells[last - width * step], colour)
            if index < width - 1 or (tally != width - 3 and tally != width - 2):
                continue
            for point in range(last - (width - 1) * step, last + 1, step):
                if cells[point] == EMPTY:
                    weights[point] += 1 if tally == width - 3 else 4
    count = 0
    for point in range(len(weights)):
        if weights[point] == 0:
            continue
        place = count
        while place > 0 and weights[space.moves[depth, place - 1]] > weights[point]:
            space.moves[depth, place] = space.moves[depth, place - 1]
            place -= 1
        space.moves[depth, place] = point
        count += 1
    space.hunts[depth].num_moves = count


@kernel
def threaten(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, depth: int) -> int:
    """Plays the frame's next threat and lists the replies to it; LOST where none is left."""
    while space.hunts[depth].num_moves > 0:
        space.hunts[depth].num_moves -= 1
        move = int(space.moves[depth, space.hunts[depth].num_moves])
        space.counts[LOOKED_AT] += 1
        if space.counts[LOOKED_AT] > space.counts[LIMIT]:
            return LOST
        cells[move] = colour
        if list_replies(cells, rules, space, move, depth):
            space.hunts[depth].move = move
            return OPEN
        cells[move] = EMPTY
    return LOST


@kernel
def list_replies(cells: Cells, rules: KernelRules, space: ThreatSpace, move: int, depth: int) -> bool:
    """Lists what may refute the threat made by `move`, which has been played, best last; False if it is none."""
    colour = int(cells[move])
    space.hunts[depth].num_replies = 0
    completions = completions_through(cells, rules, space, move)
    if completions > 0:
        if completions == 1:
            add_reply(cells, rules, space, int(space.points[0]), -colour, depth)
        return True
    finisher = double_four(cells, rules, space, move, space.hunts[depth].is_forced)
    if finisher == NO_MOVE:
        return False
    cells[finisher] = colour
    completions = completions_through(cells, rules, space, finisher)
    cells[finisher] = EMPTY
    fours = scan(cells, rules, space, -colour).num_candidates
    for index in range(fours):
        add_reply(cells, rules, space, int(space.candidates[index]), -colour, depth)
    for index in range(completions):
        add_reply(cells, rules, space, int(space.points[index]), -colour, depth)
    add_reply(cells, rules, space, finisher, -colour, depth)
    return True


@kernel
def add_reply(cells: Cells, rules: KernelRules, space: ThreatSpace, point: int, colour: int, depth: int) -> None:
    """Adds a legal reply to the frame's. One that stands there already comes to the end."""
    if not is_allowed(cells, rules, colour, point):
        return
    count = space.hunts[depth].num_replies
    for index in range(count):
        if space.replies[depth, index] == point:
            space.replies[depth, index] = space.replies[depth, count - 1]
            space.replies[depth, count - 1] = point
            return
    space.replies[depth, count] = point
    space.hunts[depth].num_replies = count + 1


@kernel
def double_four(cells: Cells, rules: KernelRules, space: ThreatSpace, move: int, anywhere: bool) -> int:
    """A four of `move`'s colour that leaves two completions, else NO_MOVE.

    Args:
      anywhere: whether fours without the stone at `move` count as well.
    """
    colour = cells[move]
    if anywhere:
        count = scan(cells, rules, space, colour).num_candidates
    else:
        space.is_listed[:] = False
        count = list_candidates_through(cells, rules, space, move, 0)
    for index in range(count):
        point = int(space.candidates[index])
        cells[point] = colour
        completions = completions_through(cells, rules, space, point)
        cells[point] = EMPTY
        if completions > 1:
            return point
    return NO_MOVE
