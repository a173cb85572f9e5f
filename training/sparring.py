"""Sparring: in some games of self-play one side's moves are made by a player that is no network.

Every position is searched and learnt from as in any other game, for both sides; the partner only says which move is
played, until the search has proven how the game ends. So the network sees what such a player aims at, and how that
ends, and none of its judgements is copied.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

from gomoku.board import Board
from gomoku.player import Limit, Player
from gomoku.rules import BLACK, WHITE
from mcts.pure import pure_player
from training.config import SelfPlayConfig

MakePartner = Callable[[int], Player]
"""Of a level. The moves may hang on the board and the limit's seed alone. It can be pickled, for actor processes."""


def no_partner(level: int) -> Player:
    """For whoever never spars."""
    raise ValueError(f"self_play.sparring_share is above 0, and there is no sparring partner of level {level} here")


def partner_for(config: SelfPlayConfig, make_partner: MakePartner) -> Player | None:
    """The partner that the settings ask for; None: they ask for none.

    Args:
      make_partner: asked for a scripted one; pure MCTS is made here.

    Raises:
      ValueError: there is none of that level.
    """
    if not config.sparring_share:
        return None
    return (
        pure_player(config.sparring_simulations)
        if config.sparring_simulations
        else make_partner(config.sparring_level)
    )


def partners_side(number: int, share: float) -> int:
    """The side that the partner has in a game, BLACK or WHITE in turn; 0: it has no part in it.

    Args:
      number: the game's; of any run of numbers the same share is played with the partner.
      share: 0 to 1.
    """
    # Another step than that of `evenly_spread`, which says what games are played out: the two are to be independent.
    place = number * sqrt(2) % 1.0
    if place >= share:
        return 0
    return BLACK if place < share / 2 else WHITE


def partners_move(partner: Player, board: Board, rng: np.random.Generator) -> int:
    """Draws the partner's seed."""
    return partner.decide([board], Limit(seed=int(rng.integers(2**62))))[0].move
