"""A game with its variations: what was played, and what might have been.

Owns `GameTree`, and `GrowingTree` for a game under way. A tree is a flat list in which a move names the one before
it: no depth of a game is too deep for it, and trees compare and travel like any other data.
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


class GrowingTree:
    """A game under way, with the lines that were left."""

    def __init__(self, tree: GameTree) -> None:
        """Stands at the end of the tree's main line."""
        self._moves = list(tree.moves)
        self._followers = tree.children()
        self._path: list[int] = []
        while followers := self._followers[self._last]:
            self._path.append(followers[0])

    @property
    def line(self) -> tuple[RecordedMove, ...]:
        """The moves up to where the game stands."""
        return tuple(self._moves[index].played for index in self._path)

    @property
    def _last(self) -> int:
        return self._path[-1] if self._path else START

    def push(self, played: RecordedMove) -> None:
        """Goes on by a move, along a line that is there or on a new one. What was said about the move is kept where
        nothing new is."""
        for index in self._followers[self._last]:
            known = self._moves[index].played
            if known.move == played.move:
                value = known.value if played.value is None else played.value
                self._moves[index] = TreeMove(
                    RecordedMove(played.move, played.comment or known.comment, value), self._last
                )
                break
        else:
            index = len(self._moves)
            self._moves.append(TreeMove(played, self._last))
            self._followers[self._last].append(index)
        self._path.append(index)

    def pop(self) -> RecordedMove:
        """Goes back by a move, which stays in the tree.

        Raises:
          IndexError: there is none.
        """
        return self._moves[self._path.pop()].played

    def tree(self, game: GameRecord) -> GameTree:
        """The game as it stands, with the facts of `game`, and every line that left it on the way.

        What follows on the place where it stands is left out: readers take a tree's first line for the game, and
        would find it where it was before its moves were taken back.
        """
        followers = dict(self._followers)
        for here, played in zip([START, *self._path], self._path, strict=False):
            followers[here] = [played, *(index for index in followers[here] if index != played)]
        followers[self._last] = []
        moves: list[TreeMove] = []
        waiting = [(index, START) for index in reversed(followers[START])]
        while waiting:
            index, parent = waiting.pop()
            place = len(moves)
            moves.append(TreeMove(self._moves[index].played, parent))
            waiting += [(follower, place) for follower in reversed(followers.get(index, []))]
        return GameTree(replace(game, line=()), tuple(moves))


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
