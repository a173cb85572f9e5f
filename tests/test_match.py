"""The match loop and the random player."""

from collections.abc import Sequence

import pytest

from gomoku.board import Board
from gomoku.match import Pairing, PlayedPairing, play_games
from gomoku.notation import parse_moves
from gomoku.player import Decision, Limit, limits_for
from gomoku.random_player import RandomPlayer
from gomoku.rules import BLACK, WHITE, Rules

RULES = Rules(6, 4)


class FirstLegalPlayer:
    """Takes the first legal point; remembers how many boards each call brought."""

    def __init__(self) -> None:
        self.name = "first legal"
        self.batches: list[int] = []

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        self.batches.append(len(limits_for(boards, limit)))
        return [Decision(board.legal_moves()[0]) for board in boards]


class StubbornPlayer:
    """Always plays the same point, legal or not."""

    name = "stubborn"

    def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
        return [Decision(0) for _ in limits_for(boards, limit)]


def random_games(count: int, side_by_side: int) -> list[PlayedPairing]:
    first, second = RandomPlayer("a"), RandomPlayer("b")
    pairings = [
        Pairing(first, second, Board(RULES), seed) if seed % 2 else Pairing(second, first, Board(RULES), seed)
        for seed in range(count)
    ]
    return play_games(pairings, side_by_side=side_by_side)


def test_games_do_not_depend_on_how_many_run_side_by_side() -> None:
    one_by_one = random_games(20, 1)
    for side_by_side in (3, 64):
        together = random_games(20, side_by_side)
        assert [game.moves for game in together] == [game.moves for game in one_by_one]
        assert [game.outcome for game in together] == [game.outcome for game in one_by_one]
    assert len({game.moves for game in one_by_one}) == 20, "other seeds, other games"


def test_every_finished_game_replays_to_its_outcome() -> None:
    for game in random_games(30, 8):
        board = Board.from_moves(RULES, game.moves)
        assert board.outcome == game.outcome


def test_boards_that_wait_for_the_same_player_share_one_call() -> None:
    first, second = FirstLegalPlayer(), FirstLegalPlayer()
    pairings = [Pairing(first, second, Board(RULES)) for _ in range(4)]
    pairings += [Pairing(second, first, Board(RULES)) for _ in range(6)]
    play_games(pairings)
    assert second.batches[0] == 6, "the player for whom more boards wait begins"
    assert set(first.batches[:5]) == {10}, "from then on all boards wait for the same player"


def test_a_finished_game_makes_room_for_the_next_one() -> None:
    player = FirstLegalPlayer()
    finished: list[int] = []
    games = play_games(
        [Pairing(player, player, Board(RULES)) for _ in range(7)],
        side_by_side=3,
        on_finished=lambda index, _game: finished.append(index),
    )
    assert max(player.batches) == 3
    assert sorted(finished) == list(range(7))
    assert len(games) == 7


def test_an_illegal_move_loses_that_game_and_the_match_goes_on() -> None:
    stubborn, good = StubbornPlayer(), FirstLegalPlayer()
    as_black, as_white, between = play_games(
        [
            Pairing(stubborn, good, Board(RULES)),
            Pairing(good, stubborn, Board(RULES)),
            Pairing(good, good, Board(RULES)),
        ]
    )
    assert as_black.outcome.winner == WHITE
    assert as_white.outcome.winner == BLACK
    assert as_white.outcome.reason == "illegal move: a6 is occupied"
    assert as_white.moves == (0,), "the illegal move is not part of the game"
    assert between.outcome.reason == "line"


def test_a_game_goes_on_from_its_start_which_stays_as_it_was() -> None:
    start = Board.from_moves(RULES, parse_moves("c3", 6))
    player = FirstLegalPlayer()
    game = play_games([Pairing(player, player, start)])[0]
    assert game.moves[0] == start.moves[0]
    assert start.ply == 1
    assert game.moves[1] == 0, "White, whose turn it is, begins"


def test_a_start_that_is_over_is_refused() -> None:
    start = Board.from_drawing(Rules(3, 3), "XXX\nOO.\n...")
    with pytest.raises(ValueError, match="game 1 is over"):
        play_games([Pairing(RandomPlayer(), RandomPlayer(), start)])


def test_the_move_hook_sees_every_move_in_order() -> None:
    seen: list[int] = []
    player = RandomPlayer()
    game = play_games(
        [Pairing(player, player, Board(RULES), seed=3)],
        on_move=lambda _index, _board, decision: seen.append(decision.move),
    )[0]
    assert tuple(seen) == game.moves


def test_the_random_player_repeats_itself_for_equal_seeds_only() -> None:
    boards = [Board(Rules(15)) for _ in range(30)]
    player = RandomPlayer()
    seeded = [Limit(seed=seed) for seed in range(30)]
    once = [decision.move for decision in player.decide(boards, seeded)]
    again = [decision.move for decision in RandomPlayer().decide(boards[::-1], seeded[::-1])]
    assert once == again[::-1]
    assert len(set(once)) > 15
    own = [[decision.move for decision in player.decide(boards, Limit())] for _ in range(2)]
    assert own[0] != own[1], "without a seed every call draws anew"


def test_the_random_player_draws_every_legal_move_about_equally_often() -> None:
    board = Board.from_moves(Rules(3, 3), [4, 0])
    decisions = RandomPlayer(seed=1).decide([board] * 7000, Limit())
    counts = [sum(decision.move == move for decision in decisions) for move in range(9)]
    assert counts[4] == counts[0] == 0
    assert all(850 < count < 1150 for move, count in enumerate(counts) if move not in (0, 4))
