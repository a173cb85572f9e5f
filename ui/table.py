"""The table at which a person plays: a game, the setup of the next one, the clock, a swap2 opening, who acts now.

What a full screen needs around `ui/session.py`. Shows nothing and never thinks: whoever shows it lets the players
think in a thread of its own and brings their answers back.
"""

from dataclasses import replace
from enum import Enum, auto

from gomoku.board import Board
from gomoku.game_tree import GameTree
from gomoku.player import Decision, PlayerFactory
from gomoku.records import TIME, GameRecord
from gomoku.rules import BLACK, WHITE, Rules
from ui.clock import GameClock
from ui.game_setup import Person, Setup
from ui.lazy_player import LazyPlayer
from ui.session import GameSession, SessionError
from ui.swap2 import Choice, Swap2, colour_taken


class Turn(Enum):
    """What the game waits for."""

    PERSON = auto()
    """A person puts a stone."""
    CHOICE = auto()
    """A person chooses, in an opening."""
    COMPUTER = auto()
    """A player decides."""
    OVER = auto()


class Table:
    """One game after another, between a person and a player, or two of a kind."""

    def __init__(self, session: GameSession, factory: PlayerFactory) -> None:
        """Args:
        session: the first game; its players are `LazyPlayer`s.
        factory: makes the adviser, and the players of further games where nobody but people play the first.
        """
        self.session = session
        self.clock: GameClock | None = None
        self.opening: Swap2 | None = None
        self.is_saved = True
        self._factory = factory
        rules = session.board.rules
        players = {colour: session.player_of(colour) for colour in (BLACK, WHITE)}
        seated = {colour: player for colour, player in players.items() if isinstance(player, LazyPlayer)}
        spare = next(iter(seated.values()), None) or LazyPlayer(factory, rules)
        self._computers = {BLACK: spare, WHITE: spare} | seated
        self._adviser = LazyPlayer(factory, rules)
        self.setup = Setup(rules, self._seated_person(), self._computer.level)

    @property
    def board(self) -> Board:
        return self.session.board

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self._computer.factory.levels)

    @property
    def turn(self) -> Turn:
        if self.session.outcome is not None:
            return Turn.OVER
        if self.opening is not None:
            ply = self.board.ply
            if not self.opening.is_persons_turn(ply):
                return Turn.COMPUTER
            return Turn.CHOICE if self.opening.is_choice(ply) else Turn.PERSON
        return Turn.COMPUTER if self.session.is_player_to_move else Turn.PERSON

    @property
    def _computer(self) -> LazyPlayer:
        return self._computers[BLACK]

    @property
    def thinker(self) -> LazyPlayer:
        """The player whose turn it is; in an opening, and where it is nobody's, the one of the setup."""
        mover = self.session.mover
        return mover if isinstance(mover, LazyPlayer) else self._computer

    @property
    def adviser(self) -> LazyPlayer:
        """Gives the hints, at full strength."""
        full = self._computer.level is None and self._computer.factory is self._factory
        return self._computer if full else self._adviser

    @property
    def seconds_for_move(self) -> float | None:
        """What the clock leaves a player for the move that is due; None without a clock."""
        if self.clock is None or self.opening is not None:
            return None
        return self.clock.budget(self.board.to_play)

    def name_of(self, colour: int) -> str:
        return "to be chosen" if self.opening is not None else self.session.name_of(colour)

    def begin(self, setup: Setup) -> None:
        """Begins a new game; the one before is gone."""
        is_swap2 = setup.is_swap2 and setup.person in (Person.BLACK, Person.WHITE)
        self.setup = replace(setup, is_swap2=is_swap2)
        self._renew(setup.rules, setup.level)
        if setup.rules != self.board.rules:
            self._adviser = LazyPlayer(self._factory, setup.rules)
        self._take_up(GameRecord(setup.rules))
        self.clock = None if setup.time is None else GameClock(setup.time)
        if is_swap2:
            self.opening = Swap2(does_person_propose=setup.person is Person.BLACK)
            self.session.seat({BLACK: None, WHITE: None})
        else:
            self._seat(setup.person)
        self.is_saved = True
        self.run_clock()

    def load(self, game: GameRecord | GameTree) -> None:
        """Goes on from the end of a game's main line, without a clock; a person keeps the seat.

        Raises:
          RecordError: its moves are not legal; nothing has changed.
        """
        rules_before, was_opening = self.board.rules, self.opening is not None
        self._take_up(game)
        rules = self.board.rules
        has_other_rules = rules != rules_before
        if has_other_rules:
            self._renew(rules, self.setup.level)
            self._adviser = LazyPlayer(self._factory, rules)
        if has_other_rules or was_opening:
            self._seat(self.setup.person)
        self.setup = replace(self.setup, rules=rules, time=None, is_swap2=False)
        self.is_saved = True

    def play(self, move: int) -> None:
        """A person puts a stone.

        Raises:
          SessionError: the game is over, or something else is due.
          IllegalMoveError: see `Board.push`; nothing has changed.
        """
        if self.turn is Turn.CHOICE:
            raise SessionError("choose first")
        if self.turn is Turn.COMPUTER:
            raise SessionError("it is the computer's turn")
        colour = self.board.to_play
        self.session.play(move)
        self._has_moved(colour)

    def accept(self, decision: Decision) -> None:
        """The player whose turn it is has decided."""
        colour = self.board.to_play
        self.session.accept(decision)
        self._has_moved(colour)

    def lay(self, moves: list[int]) -> None:
        """The computer puts the first stones of an opening."""
        for move in moves:
            self.session.play(move)
        self._has_moved(self.board.to_play)

    def choose(self, choice: Choice, is_persons: bool = True) -> None:
        """One side makes its choice in an opening: a colour for itself, or two more stones."""
        assert self.opening is not None
        if choice is Choice.TWO_MORE:
            self.opening.put_two_more()
            return
        colour = colour_taken(choice)
        person = Person(colour if is_persons else -colour)
        self.opening = None
        self._seat(person)
        self.session.fix()
        self.run_clock()

    def undo(self) -> list[int]:
        """Takes moves back to the person's latest turn.

        Returns: the moves, latest first; none where only the end of the game was taken back.

        Raises:
          SessionError: there is nothing that may be taken back.
        """
        if self.opening is not None and (self.turn is not Turn.PERSON or not self.opening.stones_put(self.board.ply)):
            raise SessionError("the opening's stones stay where they are")
        outcome = self.session.outcome
        moves = self.session.undo()
        if outcome is not None and outcome.reason == TIME:
            self.clock = None  # whose time is over has none to go on with
        self._has_changed()
        return moves

    def redo(self) -> list[int]:
        """Plays again what was taken back; see `GameSession.redo`."""
        moves = self.session.redo()
        self._has_changed()
        return moves

    def resign(self) -> None:
        """The person gives up; of two, the one whose turn it is.

        Raises:
          SessionError: the game is over or in its opening, or no person plays.
        """
        if self.opening is not None or not self.session.has_human:
            raise SessionError("nobody can give up here")
        self.session.resign()
        self._has_changed()

    def change_sides(self) -> None:
        """The person and the player go on with each other's stones.

        Raises:
          SessionError: there are not one person and one player, or the game is over.
        """
        self._check_goes_on()
        if self.opening is not None or self.setup.person not in (Person.BLACK, Person.WHITE):
            raise SessionError("sides can be changed only where one person plays against an AI")
        self._seat(Person(-self.setup.person.value))
        self._has_changed()

    def set_level(self, level: str | None) -> None:
        """Has a computer of another level play on; where two sit, both.

        Raises:
          SessionError: the game is over.
        """
        self._check_goes_on()
        self._renew(self.board.rules, level)
        self.setup = replace(self.setup, level=level)
        if self.opening is None:
            self._seat(self.setup.person)

    def check_clock(self) -> bool:
        """Ends the game where a side's time is over; returns whether it has just done so."""
        fallen = None if self.clock is None else self.clock.fallen
        if fallen is None or self.session.outcome is not None:
            return False
        self.session.lose(fallen, TIME)
        self._has_changed()
        return True

    def run_clock(self) -> None:
        """Lets the clock of the side to move run, where a game is under way."""
        if self.clock is None:
            return
        if self.session.outcome is None and self.opening is None:
            self.clock.run(self.board.to_play)
        else:
            self.clock.pause()

    def _take_up(self, game: GameRecord | GameTree) -> None:
        self.session.take_up(game)
        self.clock = self.opening = None

    def _renew(self, rules: Rules, level: str | None) -> None:
        """Two different players stay different; two of a kind are one."""
        made = {id(one.factory): LazyPlayer(one.factory, rules, level) for one in self._computers.values()}
        self._computers = {colour: made[id(one.factory)] for colour, one in self._computers.items()}

    def _seat(self, person: Person) -> None:
        self.session.seat({at: None if person.sits_at(at) else self._computers[at] for at in (BLACK, WHITE)})
        self.setup = replace(self.setup, person=person)

    def _seated_person(self) -> Person:
        people = [colour for colour in (BLACK, WHITE) if self.session.player_of(colour) is None]
        if len(people) == 1:
            return Person(people[0])
        return Person.BOTH if people else Person.NOWHERE

    def _check_goes_on(self) -> None:
        if self.session.outcome is not None:
            raise SessionError("a game that is over keeps who played it; a new one may have others")

    def _has_moved(self, colour: int) -> None:
        if self.clock is not None and self.opening is None:
            self.clock.moved(colour)
        self._has_changed()

    def _has_changed(self) -> None:
        self.is_saved = False
        if self.session.outcome is not None and self.opening is not None:  # a line of three was made in it
            self.opening = None
            self._seat(self.setup.person)
        self.run_clock()
