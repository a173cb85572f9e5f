"""What the board itself says before anybody is asked: lines to make, lines to stop, wins by fours. Compiled.

Owns what the search concludes from threats, at leaves and at the root. Every conclusion is a proof.
"""

from gomoku.board import Board
from gomoku.compiling import kernel
from gomoku.kernels import Cells, is_allowed
from gomoku.rules import KernelRules
from mcts.config import SearchParams
from mcts.fours import POSITIONS, winning_four
from mcts.threats import ThreatSpace, allocate_threat_space, scan
from mcts.tree import NO_MOVE, PROVEN_LOSS, PROVEN_WIN, UNPROVEN


@kernel
def examine(
    cells: Cells, rules: KernelRules, params: SearchParams, space: ThreatSpace, colour: int, vcf_nodes: int
) -> tuple[int, int]:
    """What tactics tell about an unfinished position with `colour` to move.

    Returns: PROVEN_WIN with a move that wins; PROVEN_LOSS with NO_MOVE; or UNPROVEN with the one move that does not
    lose at once, NO_MOVE if there is no such need. For the side to move.
    """
    threats = scan(cells, rules, space, colour)
    if threats.win != NO_MOVE:
        return (PROVEN_WIN, threats.win) if params.win_now else (UNPROVEN, NO_MOVE)
    is_threatened = params.must_block and threats.block != NO_MOVE
    if is_threatened and (threats.other_block != NO_MOVE or not is_allowed(cells, rules, colour, threats.block)):
        return PROVEN_LOSS, NO_MOVE
    if params.open_four or vcf_nodes > 0:
        move = winning_four(cells, rules, space, colour, threats, vcf_nodes)
        if move != NO_MOVE:
            return PROVEN_WIN, move
    return UNPROVEN, threats.block if params.must_block else NO_MOVE


@kernel
def can_force(cells: Cells, rules: KernelRules, space: ThreatSpace, colour: int, node_limit: int) -> bool:
    """Whether `colour`, to move, makes its line at once or wins by fours."""
    threats = scan(cells, rules, space, colour)
    space.counts[POSITIONS] = 0
    if threats.win != NO_MOVE:
        return True
    return winning_four(cells, rules, space, colour, threats, node_limit) != NO_MOVE


def is_threatened(board: Board) -> bool:
    """Whether the opponent could make a line if the side to move passed."""
    threats = scan(board.cells, board.rules.compiled, allocate_threat_space(board.rules), board.to_play)
    return int(threats.block) != NO_MOVE
