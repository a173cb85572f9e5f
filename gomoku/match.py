"""The match loop: any players, any number of games, side by side.

Knows nothing about how players think, and nothing about what a result is worth.
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gomoku.board import Board, Outcome
from gomoku.errors import IllegalMoveError
from gomoku.player import Decision, Limit, Player
from gomoku.rules import BLACK

SIDE_BY_SIDE = 64
"""Enough games to fill a network's batch, few enough to hold all their trees in memory."""


@dataclass(frozen=True)
class Pairing:
    """One game that is to be played."""

    black: Player
    white: Player
    start: Board
    """Is not changed; the colour to move there begins."""
    seed: int = 0
    """Of the whole game (≥ 0): every decision gets a stream of its own out of it and the ply."""


@dataclass(frozen=True)
class PlayedPairing:
    """How a game went."""

    pairing: Pairing
    moves: tuple[int, ...]
    """The start's own moves included."""
    outcome: Outcome
    """An illegal move loses; the reason then reads `illegal move: …`."""
    seconds: tuple[float, ...] = ()
    """What each decision took, the last one even where no move came of it; of boards that were decided together each
    has its equal share."""
    detail: str = ""
    """What happened to a player that lost without a move."""


MoveHook = Callable[[int, Board, Decision], None]
"""Is told the game's index, the board after the move, and the decision that led to it."""
FinishHook = Callable[[int, PlayedPairing], None]
"""Is told the game's index and the game."""


class _RunningGame:
    def __init__(self, index: int, pairing: Pairing) -> None:
        if pairing.start.outcome is not None:
            raise ValueError(f"game {index + 1} is over before its first move:\n{pairing.start}")
        self.index = index
        self.pairing = pairing
        self.board = pairing.start.copy()
        self.seconds: list[float] = []
        self.detail = ""

    @property
    def player(self) -> Player:
        return self.pairing.black if self.board.to_play == BLACK else self.pairing.white


def play_games(
    pairings: Sequence[Pairing],
    *,
    limit: Limit | None = None,
    side_by_side: int = SIDE_BY_SIDE,
    on_move: MoveHook | None = None,
    on_finished: FinishHook | None = None,
) -> list[PlayedPairing]:
    """Plays all games to their end.

    Boards that wait for the same player are decided in one call. The player for whom the most boards wait
    goes first, so that after a few moves every call holds all games that are running.

    Args:
      limit: of every decision, its seed aside; None: the players' own.
      side_by_side: games running at once (≥ 1); no game's course depends on it. 1 where players have seconds
        per move, which they would otherwise share between boards.

    Returns: the games in the order of `pairings`.

    Raises:
      ValueError: a start that is over, or rules that a player cannot play.
    """
    base = limit or Limit()
    waiting = deque(_RunningGame(index, pairing) for index, pairing in enumerate(pairings))
    running: list[_RunningGame] = []
    finished: dict[int, PlayedPairing] = {}
    while waiting or running:
        while waiting and len(running) < side_by_side:
            running.append(waiting.popleft())
        games = _largest_group(running)
        for game, decision in zip(games, _decide(games, base), strict=True):
            outcome = _play(game, decision)
            was_legal = outcome is game.board.outcome
            if on_move is not None and was_legal:
                on_move(game.index, game.board, decision)
            if outcome is not None:
                running.remove(game)
                finished[game.index] = PlayedPairing(
                    game.pairing, tuple(game.board.moves), outcome, tuple(game.seconds), game.detail
                )
                if on_finished is not None:
                    on_finished(game.index, finished[game.index])
    return [finished[index] for index in range(len(pairings))]


def derived_seed(seed: int, index: int) -> int:
    """The `index`-th random stream under `seed`, both ≥ 0: a game's of a match, a decision's of a game; 63 bits."""
    return int(np.random.SeedSequence((seed, index)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _largest_group(running: Sequence[_RunningGame]) -> list[_RunningGame]:
    """The games that wait for the player who has the most of them; of one set of rules."""
    groups = defaultdict(list)
    for game in running:
        groups[id(game.player), game.board.rules].append(game)
    return max(groups.values(), key=len)


def _decide(games: Sequence[_RunningGame], base: Limit) -> list[Decision]:
    limits = [replace(base, seed=derived_seed(game.pairing.seed, game.board.ply)) for game in games]
    started = time.perf_counter()
    decisions = games[0].player.decide([game.board for game in games], limits)
    share = (time.perf_counter() - started) / len(games)
    for game, decision in zip(games, decisions, strict=True):
        # A single board's decision knows better: to start an engine, maybe in vain, is not its thinking.
        knows = len(games) == 1 and (decision.seconds > 0 or decision.forfeit is not None)
        game.seconds.append(decision.seconds if knows else share)
    return decisions


def _play(game: _RunningGame, decision: Decision) -> Outcome | None:
    board = game.board
    if decision.forfeit is not None:
        game.detail = decision.forfeit.detail
        return Outcome(-board.to_play, decision.forfeit.reason)
    try:
        board.push(decision.move)
    except IllegalMoveError as error:
        reason = str(error).splitlines()[0]
        return Outcome(-board.to_play, f"illegal move: {reason}")
    return board.outcome
