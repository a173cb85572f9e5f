"""A game with its variations: what was played, and what might have been.

Owns `GameTree`. A tree is a flat list in which a move names the one before it: no depth of a game is too deep for it,
and trees compare and travel like any other data.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from gomoku.errors import IllegalMoveError, RecordError
from gomoku.records import GameRecord, RecordedMove, checked

START = -1
"""In place of a move's index: the position from which the game began."""


@dataclass(frozen=True)
class TreeMove:
    """One move of the game or of a variation."""

    played: RecordedMove
    parent: int = START
    """Index of the move before it, below its own; START for a first move."""


@dataclass(frozen=True)
class GameTree:
    """A game and its variations. `parse_sgf_tree` gives only trees in which every line is legal."""

    game: GameRecord
    """The facts of the game; its `line` is empty, the moves are in the tree."""
    moves: tuple[TreeMove, ...] = ()
    """A move, then all that follows on it, variation by variation; the first one is the line that was played."""

    def children(self) -> dict[int, list[int]]:
        """What follows on each move (and on START), by index: the continuation first, then the variations."""
        followers: dict[int, list[int]] = defaultdict(list)
        for index, move in enumerate(self.moves):
            followers[move.parent].append(index)
        return followers

    def path(self, index: int) -> list[int]:
        """The indices of the moves that lead to a move, itself the last; empty for START."""
        path = []
        while index != START:
            path.append(index)
            index = self.moves[index].parent
        return path[::-1]

    def main_line(self) -> GameRecord:
        """The game as it was played."""
        followers, line, index = self.children(), [], START
        while followers[index]:
            index = followers[index][0]
            line.append(self.moves[index].played)
        return replace(self.game, line=tuple(line))


def tree_of(record: GameRecord) -> GameTree:
    """A game without variations."""
    moves = tuple(TreeMove(played, index - 1) for index, played in enumerate(record.line))
    return GameTree(replace(record, line=()), moves)


def checked_tree(tree: GameTree) -> GameTree:
    """Plays every line of a tree, and fills in the result and the reason where the board shows them.

    Raises:
      RecordError: a move that the rules do not allow, with its number in its line (from 1), a result that contradicts
        the game, or moves out of order.
    """
    board = tree.game.replay()
    path: list[int] = []
    for index, move in enumerate(tree.moves):
        while path and path[-1] != move.parent:
            path.pop()
            board.pop()
        if not path and move.parent != START:
            raise RecordError(f"move {index} of the tree does not follow on move {move.parent}")
        try:
            board.push(move.played.move)
        except IllegalMoveError as error:
            raise RecordError(f"move {len(path) + 1}: {error}") from None
        path.append(index)
    return replace(tree, game=replace(checked(tree.main_line()), line=()))
