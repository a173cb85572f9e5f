"""Self-play: what it records, that company does not matter, and that games in flight survive a checkpoint."""

import itertools
import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from reference_search import HashEvaluator

from benchmarks.subjects import CountingEvaluator
from gomoku.board import Board
from gomoku.rules import BLACK, WHITE, Rules, parse_rules
from mcts.config import SearchConfig, TacticsConfig
from mcts.evaluator import Evaluation, Positions
from training.config import SelfPlayConfig
from training.games import FinishedGame, GameInFlight, Searched
from training.self_play import SelfPlay

RULES = Rules(6, 4)
CONFIG = SelfPlayConfig(simulations=12, games=6, threads=1, temperature_plies=6, random_plies=3)


def never() -> bool:
    return False


def nothing() -> None:
    pass


@cache
def play(config: SelfPlayConfig, positions: int) -> list[FinishedGame]:
    """Games that several tests look at, each at another side of them, and none changes."""
    return SelfPlay(RULES, config, SearchConfig(), 5).play(HashEvaluator(), positions, nothing, never)


def moves_by_number(games: list[FinishedGame]) -> dict[int, tuple[int, ...]]:
    return {game.number: game.moves for game in games}


def test_a_game_does_not_depend_on_how_many_are_played_beside_it() -> None:
    together = moves_by_number(play(replace(CONFIG, games=16), 400))
    few = moves_by_number(play(replace(CONFIG, games=2), 400))
    shared = set(together) & set(few)
    assert len(shared) > 5
    assert all(together[number] == few[number] for number in shared)


def test_shares_of_two_threads_play_the_games_of_one() -> None:
    alone = moves_by_number(play(CONFIG, 600))
    for share in range(2):
        half = SelfPlay(RULES, CONFIG, SearchConfig(), 5, share, 2)
        games = moves_by_number(half.play(HashEvaluator(), 200, nothing, never))
        assert all(number % 2 == share for number in games)
        assert all(alone[number] == moves for number, moves in games.items() if number in alone)
        assert set(games) & set(alone)


def test_samples_hold_the_position_its_mover_and_how_it_ended_for_them() -> None:
    for game in play(CONFIG, 300):
        board = Board.from_moves(RULES, game.moves[: game.first_ply])
        learnt = game.moves[game.first_ply :]
        assert len(game.samples) == len(learnt) + game.is_proven
        for k, sample in enumerate(game.samples):
            np.testing.assert_array_equal(sample.cells, board.cells)
            assert sample.to_play == board.to_play
            assert sample.outcome == game.winner * board.to_play
            assert board.legal_mask()[sample.policy_moves].all()
            assert int(sample.policy_weights.sum()) == pytest.approx(65535, abs=40)
            if k < len(learnt):
                board.push(learnt[k])
        if not game.is_proven:
            assert board.outcome is not None
            assert board.outcome.winner == game.winner


def test_a_game_that_ends_proven_ends_with_the_result_it_would_have() -> None:
    """The winner of a proven game is the colour that can force it: checked by playing on with a deep search."""
    games = [game for game in play(CONFIG, 300) if game.is_proven]
    assert {game.winner for game in games} == {BLACK, WHITE}
    for game in games[:20]:
        board = Board.from_moves(RULES, game.moves)
        shown = game.samples[-1]
        assert shown.to_play == board.to_play
        if game.winner == board.to_play and len(shown.policy_moves) == 1:
            board.push(int(shown.policy_moves[0]))
            assert board.outcome is None or board.outcome.winner == game.winner


def test_without_ending_at_proofs_games_go_to_their_last_move() -> None:
    for game in play(replace(CONFIG, play_out=1.0), 200):
        board = Board.from_moves(RULES, game.moves)
        assert board.outcome is not None
        assert board.outcome.winner == game.winner
        assert not game.is_proven


def test_a_share_of_the_games_is_played_out_and_shows_lines_being_made_where_tactics_prove() -> None:
    search = SearchConfig(tactics=TacticsConfig(win_now=True, must_block=True, open_four=True))
    config = replace(CONFIG, games=32, play_out=0.25)
    games = SelfPlay(RULES, config, search, 5).play(HashEvaluator(), 3000, nothing, never)
    ends = [Board.from_moves(RULES, game.moves).outcome for game in games]
    assert np.mean([end is not None for end in ends]) == pytest.approx(0.25, abs=0.08)
    makers = [game.samples[-1] for game, end in zip(games, ends, strict=True) if end is not None and end.winner]
    assert len(makers) > 10
    for sample in makers:
        board = Board.from_cells(RULES, sample.cells, sample.to_play)
        board.push(int(sample.policy_moves[np.argmax(sample.policy_weights)]))
        assert board.outcome is not None, "the move to learn makes the line"


def test_random_first_moves_are_played_but_not_learnt() -> None:
    games = play(replace(CONFIG, games=32, random_plies=4), 900)
    assert {game.first_ply for game in games} == {0, 1, 2, 3, 4}


def test_a_share_of_the_moves_is_searched_in_full_and_learnt_the_others_are_only_played() -> None:
    config = replace(CONFIG, games=32, full_share=0.25, quick_simulations=8, temperature_plies=0, late_temperature=0)
    self_play = SelfPlay(RULES, config, SearchConfig(), 5)
    games = self_play.play(HashEvaluator(), 500, nothing, never)
    played = sum(len(game.moves) - game.first_ply for game in games)
    unproven = sum(len(game.samples) for game in games) - sum(game.is_proven for game in games)
    assert 0.2 < unproven / played < 0.4, "a quarter, and some that were proven in the midst of a game"
    everything = SelfPlay(RULES, replace(config, full_share=1.0), SearchConfig(), 5)
    in_full = everything.play(HashEvaluator(), 500, nothing, never)
    effort = [
        one.simulations / sum(len(g.moves) for g in gs) for one, gs in ((self_play, games), (everything, in_full))
    ]
    assert effort[0] < 0.75 * effort[1]
    for game in games:
        learnt = {sample.cells.tobytes() for sample in game.samples}
        boards = [Board.from_moves(RULES, game.moves[:ply]) for ply in range(game.first_ply, len(game.moves))]
        searched = [board for board, one in zip(boards, game.searched, strict=False) if one is not None]
        assert {board.cells.tobytes() for board in searched} <= learnt
        if game.is_proven:
            assert Board.from_moves(RULES, game.moves).cells.tobytes() in learnt, "however little it was searched"


def test_pruned_targets_are_what_is_learnt_and_not_what_is_played() -> None:
    games, pruned = play(CONFIG, 300), play(replace(CONFIG, prune_targets=True), 300)
    assert moves_by_number(games) == moves_by_number(pruned)
    fewer = 0
    for game, twin in zip(games, pruned, strict=True):
        for sample, other in zip(game.samples, twin.samples, strict=True):
            assert set(other.policy_moves) <= set(sample.policy_moves)
            fewer += len(other.policy_moves) < len(sample.policy_moves)
    assert fewer > sum(len(game.samples) for game in games) / 2


def test_what_surprised_the_network_is_learnt_more_often_and_nothing_else_changes() -> None:
    games, weighted = play(CONFIG, 400), play(replace(CONFIG, surprise_share=0.75), 400)
    assert moves_by_number(games) == moves_by_number(weighted)
    often, seldom = [], []
    for game, twin in zip(games, weighted, strict=True):
        assert twin.copies is not None
        assert len(twin.samples) == len(game.samples) == sum(twin.copies)
        for one, copies in zip(twin.searched, twin.copies, strict=True):
            assert one is not None
            (often if copies > 1 else seldom).append(one.surprise)
        again = FinishedGame.from_state(RULES, json.loads(json.dumps(twin.state())))
        assert [sample.cells.tobytes() for sample in again.samples] == [s.cells.tobytes() for s in twin.samples]
        assert json.dumps(again.state()) == json.dumps(twin.state())
    assert np.mean(often) > 2 * np.mean(seldom)


def test_positions_that_are_not_learnt_get_no_copies_and_an_even_share_one_each() -> None:
    searched = [Searched.of(np.eye(9)[0], 0.0, surprise) for surprise in (0.0, 3.0, 1.0, 0.0)]
    game = GameInFlight(0, np.random.default_rng(1), Board(Rules(3, 3)), 0, [searched[0], None, *searched[1:], None])
    totals = np.sum([game.draw_copies(1.0) for _ in range(400)], axis=0)
    assert totals.tolist() == [0, 0, 1200, 400, 0, 0]
    assert game.draw_copies(0.0) == [1, 0, 1, 1, 1, 0]
    halves = np.mean([game.draw_copies(0.5) for _ in range(4000)], axis=0)
    assert halves == pytest.approx([0.5, 0, 2, 1, 0.5, 0], abs=0.05)


def test_samples_hold_what_the_search_thought_and_proofs_are_exact() -> None:
    for game in play(CONFIG, 300):
        values = [sample.value for sample in game.samples]
        assert all(-1 <= value <= 1 for value in values)
        assert len(set(values)) > 1 or len(values) == 1
        if game.is_proven:
            assert values[-1] == game.winner * game.samples[-1].to_play


def test_what_a_game_s_state_says_stays_though_the_game_goes_on() -> None:
    self_play = SelfPlay(RULES, replace(CONFIG, games=1), SearchConfig(), 5)
    stop_after = iter([False] * 40 + [True] * 10)
    self_play.play(HashEvaluator(), 10**9, nothing, lambda: next(stop_after))
    game = self_play.games[0]
    state = game.state()
    text = json.dumps(state)
    game.board.push(int(np.flatnonzero(game.board.legal_mask())[0]))
    assert json.dumps(state) == text


@pytest.mark.parametrize("name", ["6x6x4", "standard-7x7x5", "renju-15x15"])
def test_games_in_flight_survive_being_written_as_json(name: str) -> None:
    rules = parse_rules(name)
    config = replace(CONFIG, simulations=6, games=3, full_share=0.5, quick_simulations=4)
    self_play = SelfPlay(rules, config, SearchConfig(), 5)
    stop_after = iter([False] * 40 + [True] * 10)
    self_play.play(HashEvaluator(), 10**9, nothing, lambda: next(stop_after))
    assert any(game.searched for game in self_play.games)
    text = json.dumps([game.state() for game in self_play.games])
    again = [GameInFlight.from_state(rules, state) for state in json.loads(text)]
    assert json.dumps([game.state() for game in again]) == text
    twin = SelfPlay(rules, config, SearchConfig(), 5)
    twin.games, twin.next_number = again, self_play.next_number
    ours = self_play.play(HashEvaluator(), 60, nothing, never)
    theirs = twin.play(HashEvaluator(), 60, nothing, never)
    assert moves_by_number(ours) == moves_by_number(theirs)
    for game, twin_game in zip(ours, theirs, strict=True):
        assert all(
            all(np.array_equal(a, b) for a, b in zip(x, y, strict=True))
            for x, y in zip(game.samples, twin_game.samples, strict=True)
        )


def test_the_batch_stays_full_while_games_come_and_go() -> None:
    evaluator = HashEvaluator()
    SelfPlay(RULES, replace(CONFIG, games=16), SearchConfig(), 5).play(evaluator, 500, nothing, never)
    assert np.mean(evaluator.batch_sizes) > 15


def test_a_blind_evaluator_gives_no_colour_its_opponents_view() -> None:
    """An evaluator that always likes the side to move makes both colours confident, not one."""

    class Optimist(HashEvaluator):
        def evaluate(self, positions: Positions) -> Evaluation:
            return super().evaluate(positions)._replace(values=np.full(len(positions.stones), 0.9, np.float32))

    games = SelfPlay(RULES, CONFIG, SearchConfig(), 5).play(Optimist(), 200, nothing, never)
    assert {game.winner for game in games} >= {BLACK, WHITE}


def test_simulations_that_are_dropped_at_the_end_are_told_of() -> None:
    """Every simulation asks about one position, where none is met again or ends a game, and so does a new root."""
    config = replace(CONFIG, random_plies=0)
    made = SelfPlay(Rules(9, 5), config, SearchConfig(transpositions=False), 5)
    evaluator = CountingEvaluator(HashEvaluator())
    steps = itertools.count()
    made.play(evaluator, 1000, nothing, lambda: next(steps) > 20)
    assert made.simulations >= config.games * (config.simulations - 1)
    assert made.under_way > 0
    assert evaluator.count == made.simulations + made.under_way + config.games
