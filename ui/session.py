"""One game between people and players, move by move: what every user interface needs and none should own.

Holds the board, who sits where, undo and redo, hint, resignation and the record. Prints nothing and reads nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from gomoku.board import Outcome
from gomoku.errors import IllegalMoveError
from gomoku.game_tree import GameTree, GrowingTree, tree_of
from gomoku.player import Decision, Limit, Player
from gomoku.records import RESIGNATION, UNKNOWN, GameRecord, RecordedMove, record_of
from gomoku.rules import BLACK, WHITE
from ui.interruptible import interruptibly

HUMAN = "human"
"""What a record calls the person."""


class SessionError(ValueError):
    """Something that cannot be done at this point of the game; the text says why."""


class GameSession:
    """A game under way. `players` holds None where a person sits."""

    def __init__(
        self,
        players: Mapping[int, Player | None],
        beginning: GameRecord | GameTree,
        limit: Limit,
        adviser: Player | None = None,
    ) -> None:
        """Takes up the game where the record's main line ends.

        Args:
          players: one for BLACK, one for WHITE.
          beginning: `GameRecord(rules)` for a new game.
          limit: of every decision, hints included.
          adviser: gives the hints; None: a player that sits at the board.

        Raises:
          RecordError: the record's moves are not legal.
        """
        self._players = dict(players)
        self._limit = limit
        self._adviser = adviser or self._players[BLACK] or self._players[WHITE]
        self.take_up(beginning)

    def take_up(self, game: GameRecord | GameTree) -> None:
        """Goes over to another game, where its main line ends.

        Raises:
          RecordError: the record's moves are not legal; nothing has changed.
        """
        tree = tree_of(game) if isinstance(game, GameRecord) else game
        record = tree.main_line()
        self.board = record.replay()
        self._taken_up = record
        self._growing = GrowingTree(tree)
        self._undone: list[RecordedMove] = []
        """What undo took back and nobody has played past, the next move last."""
        self._fixed = 0
        """So many moves undo does not touch."""
        self._ended: Outcome | None = None
        if record.result != UNKNOWN and self.board.outcome is None:
            winner = {"1-0": BLACK, "0-1": WHITE}.get(record.result, 0)
            self._ended = Outcome(winner, record.reason or "as recorded")
        self._taken_up_end = self._ended

    @property
    def outcome(self) -> Outcome | None:
        """How the game ended, on the board or beside it; None while it goes on."""
        return self.board.outcome or self._ended

    @property
    def has_human(self) -> bool:
        return None in self._players.values()

    @property
    def is_player_to_move(self) -> bool:
        return self.outcome is None and self._players[self.board.to_play] is not None

    @property
    def is_human_to_move(self) -> bool:
        return self.outcome is None and self._players[self.board.to_play] is None

    @property
    def line(self) -> tuple[RecordedMove, ...]:
        """The moves so far, with what was said about them."""
        return self._growing.line

    @property
    def mover(self) -> Player | None:
        """The player whose turn it is; None where the game is over or a person is to move."""
        return None if self.outcome is not None else self._players[self.board.to_play]

    def player_of(self, colour: int) -> Player | None:
        """Who sits there; None for a person."""
        return self._players[colour]

    def name_of(self, colour: int) -> str:
        player = self._players[colour]
        return HUMAN if player is None else player.name

    def play(self, move: int) -> None:
        """Plays a person's move.

        Raises:
          SessionError: the game is over, or it is not a person's turn.
          IllegalMoveError: see `Board.push`; nothing has changed.
        """
        if self.outcome is not None:
            raise SessionError("the game is over")
        if not self.is_human_to_move:
            raise SessionError(f"it is {self.name_of(self.board.to_play)}'s turn")
        self._push(RecordedMove(move))

    def think(self) -> Decision:
        """Lets the player whose turn it is choose and play.

        Raises:
          SessionError: the game is over, or it is a person's turn.
          ValueError: rules that the player cannot play.
        """
        player = self.mover
        if player is None:
            raise SessionError("no player is to move")
        decision = self._ask(player)
        self.accept(decision)
        return decision

    def accept(self, decision: Decision) -> None:
        """Plays what the player whose turn it is has chosen. An illegal move loses, and so does a forfeit.

        Raises:
          SessionError: the game is over, or it is a person's turn.
        """
        if self.mover is None:
            raise SessionError("no player is to move")
        if decision.forfeit is not None:
            self._ended = Outcome(-self.board.to_play, decision.forfeit.reason)
            return
        try:
            self._push(RecordedMove(decision.move, value=decision.value))
        except IllegalMoveError as error:
            self._ended = Outcome(-self.board.to_play, f"illegal move: {str(error).splitlines()[0]}")

    def hint(self) -> Decision:
        """What the adviser would play for the side to move.

        Raises:
          SessionError: the game is over, or there is nobody to ask.
        """
        if self.outcome is not None:
            raise SessionError("the game is over")
        if self._adviser is None:
            raise SessionError("nobody but people is in this game, so nobody gives hints")
        try:
            decision = self._ask(self._adviser)
        except (OSError, ValueError) as error:  # of one that is made only now; the game goes on without it
            raise SessionError(f"there is no hint: {str(error).splitlines()[0]}") from None
        if decision.forfeit is not None:
            raise SessionError(f"{self._adviser.name} has no hint: {decision.forfeit.detail}")
        return decision

    def _ask(self, player: Player) -> Decision:
        board = self.board.copy()
        return interruptibly(lambda: player.decide([board], self._limit)[0])

    def undo(self) -> list[int]:
        """Goes back to a person's latest turn, or takes a resignation back.

        Returns: the moves taken back, latest first; none where only the resignation was.

        Raises:
          SessionError: there is no such turn.
        """
        if self._ended is not None and self._players[self.board.to_play] is None:
            self._ended = None
            return []
        count = self._moves_to_take_back()
        self._ended = None
        self._undone += [self._growing.pop() for _ in range(count)]
        return [self.board.pop() for _ in range(count)]

    def redo(self) -> list[int]:
        """Plays again what undo took back, up to a person's next turn.

        Returns: the moves, in order.

        Raises:
          SessionError: nothing was taken back, another move has been played since, or the game has been given up.
        """
        if self._ended is not None:
            raise SessionError("the game is over")
        if not self._undone:
            raise SessionError("there is no move to play again")
        again = []
        while self._undone:
            again.append(self._undone[-1].move)
            self._push(self._undone[-1])
            if self.is_human_to_move:
                break
        return again

    def resign(self) -> None:
        """The person whose turn it is gives up.

        Raises:
          SessionError: the game is over, or it is not a person's turn.
        """
        if not self.is_human_to_move:
            raise SessionError("the game is over" if self.outcome else "no person is to move")
        self.lose(self.board.to_play, RESIGNATION)

    def lose(self, colour: int, reason: str) -> None:
        """Ends the game beside the board.

        Args:
          colour: who has lost.
          reason: such as `gomoku.records.TIME`.

        Raises:
          SessionError: the game is over already.
        """
        if self.outcome is not None:
            raise SessionError("the game is over")
        self._ended = Outcome(-colour, reason)

    def start_again(self) -> None:
        """Begins a new game on the empty board, under the same rules."""
        self.take_up(GameRecord(self.board.rules))

    def seat(self, players: Mapping[int, Player | None]) -> None:
        """Has others play on from here; None where a person sits."""
        self._players = dict(players)

    def fix(self) -> None:
        """Puts the moves so far out of undo's reach."""
        self._fixed = len(self.board.moves)
        self._undone.clear()

    def seat_human(self, colour: int) -> None:
        """Gives the person this colour, and the opponent the other one.

        Raises:
          SessionError: there are not one person and one player.
        """
        if not self.has_human or self._players[BLACK] is self._players[WHITE]:
            raise SessionError("a colour can be chosen only where one person plays against an AI")
        if self._players[colour] is not None:
            self._players = {BLACK: self._players[WHITE], WHITE: self._players[BLACK]}

    def record(self, date: str = "") -> GameRecord:
        """The game so far, as it was played; one that was taken up and is as it was keeps its names, date and end."""
        if self._taken_up.line and (self.line, self._ended) == (self._taken_up.line, self._taken_up_end):
            return self._taken_up
        record = record_of(
            self.board, ended=self._ended, black=self.name_of(BLACK), white=self.name_of(WHITE), date=date
        )
        return replace(record, line=self.line, comment=self._taken_up.comment)

    def tree(self, date: str = "") -> GameTree:
        """The game so far, with the variations it came with and the moves that were taken back for others."""
        return self._growing.tree(self.record(date))

    def _push(self, played: RecordedMove) -> None:
        self.board.push(played.move)
        self._growing.push(played)
        if self._undone and self._undone.pop().move != played.move:
            self._undone.clear()

    def _moves_to_take_back(self) -> int:
        colour = self.board.to_play
        for count in range(1, len(self.board.moves) - self._fixed + 1):
            colour = -colour
            if self._players[colour] is None:
                return count
        raise SessionError(
            "there is no move to take back" if self.has_human else "nobody but players is in this game"
        )
