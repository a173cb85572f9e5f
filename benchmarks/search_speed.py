"""How fast the search is: against the textbook, against the bare network, without any network, and with rollouts."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.measuring import Effort, Figure, by_turns, per_second, ratios
from benchmarks.subjects import (
    EVERY_LEAF_ASKED,
    EVERY_LEAF_NOTE,
    CountingEvaluator,
    M,
    S,
    TableEvaluator,
    reference_network,
)
from benchmarks.textbook import TextbookSelfPlay
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import Rules
from mcts.config import SearchConfig
from mcts.evaluator import Evaluator
from mcts.pure import pure_player
from mcts.search import Search
from nets.calibration import EngineOptions, choose_engine, scattered_positions
from nets.network import weights_of
from nets.torch_evaluator import TorchEvaluator
from training.config import SelfPlayConfig
from training.self_play import SelfPlay

EIGHT, FIFTEEN = Rules(8, 5), Rules(15, 5)
TORCH = EngineOptions(backend="torch", device="cpu")
ENDLESS = 2**62
TEXTBOOK_MOVES = 8
"""In one turn. An even number: Black's and White's searches can differ in depth, and so in speed."""
MOVES_PER_GAME = 2
"""In one turn of self-play."""


def against_textbook(effort: Effort) -> list[Figure]:
    """Self-play with S on 8x8 beside the textbook searcher's."""
    network = reference_network(S)
    engine, report, _ = choose_engine(network.config, weights_of(network), TORCH, EIGHT, effort.self_play_games)
    evaluator = CountingEvaluator(TorchEvaluator(network, "cpu", engine.precision))
    textbook = TextbookSelfPlay(network, EIGHT, effort.simulations, seed=1)
    self_play = _self_play(EIGHT, effort.self_play_games, effort.simulations, SearchConfig())
    beside: list[float] = []

    def self_play_turn() -> float:
        waited = evaluator.seconds
        rate = _self_play_rate(self_play, evaluator, MOVES_PER_GAME * effort.self_play_games)
        beside.append(1e6 * (1 / rate - (evaluator.seconds - waited) / (self_play.simulations + self_play.under_way)))
        return rate

    def textbook_turn() -> float:
        simulations = TEXTBOOK_MOVES * effort.simulations
        return per_second(simulations, lambda: [textbook.play_move() for _ in range(TEXTBOOK_MOVES)])

    ours, theirs = by_turns([self_play_turn, textbook_turn], effort.rounds)
    beside_note = "of the same self-play: all but the evaluator, in caches that the network has filled"
    setting = f"S, 8x8x5, {effort.simulations} simulations per move"
    return [
        Figure("textbook", "textbook searcher", "simulations/s", theirs, 1_000, note=f"{setting}, float32"),
        Figure(
            "self_play",
            "self-play",
            "simulations/s",
            ours,
            note=f"{setting}, {effort.self_play_games} games; {report}",
        ),
        Figure("self_play_over_textbook", "self-play over textbook", "times", ratios(ours, theirs), 10),
        Figure("beside_network", "self-play but the network", "µs/simulation", tuple(beside[1:]), note=beside_note),
    ]


def against_bare_network(effort: Effort) -> list[Figure]:
    """Evaluations in self-play with M on 15x15 beside those of the same evaluator alone."""
    network = reference_network(M)
    engine, report, _ = choose_engine(network.config, weights_of(network), TORCH, FIFTEEN, effort.games)
    evaluator = TorchEvaluator(network, "cpu", engine.precision)
    counting = CountingEvaluator(evaluator)
    self_play = _self_play(FIFTEEN, effort.games, effort.simulations_15x15, EVERY_LEAF_ASKED)
    positions = scattered_positions(FIFTEEN, effort.games, seed=1)
    calls = effort.simulations_15x15

    def evaluator_turn() -> float:
        return per_second(calls * effort.games, lambda: [evaluator.evaluate(positions) for _ in range(calls)])

    def self_play_turn() -> float:
        counting.count = 0
        started = time.process_time()
        _make_moves(self_play, counting, effort.games)
        return counting.count / (time.process_time() - started)

    ours, alone = by_turns([self_play_turn, evaluator_turn], effort.rounds_15x15)
    setting = f"M, 15x15, {effort.games} games, {effort.simulations_15x15} simulations per move, {EVERY_LEAF_NOTE}"
    return [
        Figure(
            "evaluator_15x15", "evaluator alone", "evaluations/s", alone, note=f"M, batch {effort.games}; {report}"
        ),
        Figure("self_play_15x15", "evaluations in self-play", "evaluations/s", ours, note=setting),
        Figure("self_play_over_evaluator", "self-play over evaluator", "times", ratios(ours, alone), 0.9),
    ]


def without_network(effort: Effort) -> list[Figure]:
    """What a simulation costs without any network.

    A table's rows take the network's place. What a row of the table itself takes is measured in calls alone, and
    subtracted for each that was asked for: a simulation asks for one at most.
    """
    table = TableEvaluator(EIGHT.num_points)
    per_row = _microseconds_per_row(table, effort)

    def turn() -> float:
        asked_before = table.asked
        rate = _search_rate(table, effort)
        return 1e6 / rate - per_row * (table.asked - asked_before) / (effort.games * effort.simulations)

    (costs,) = by_turns([turn], effort.rounds)
    setting = f"Search.run, 8x8x5, {effort.games} games, {effort.simulations} simulations"
    note = f"{setting}; a table in place of the network, its {per_row:.2f} µs per row subtracted"
    return [Figure("tree", "tree work", "µs/simulation", costs, at_most=5, note=note)]


def with_rollouts(effort: Effort) -> list[Figure]:
    """Pure MCTS on empty boards."""
    player = pure_player(effort.rollouts)

    def turn(rules: Rules) -> Callable[[], float]:
        boards, limit = [Board(rules)], Limit(seed=1)
        return lambda: per_second(effort.rollouts, lambda: player.decide(boards, limit))

    small, large = by_turns([turn(EIGHT), turn(FIFTEEN)], effort.rounds)
    note = f"empty board, {effort.rollouts:,} simulations"
    return [
        Figure("pure_8x8", "pure MCTS, 8x8x5", "simulations/s", small, 200_000, note=note),
        Figure("pure_15x15", "pure MCTS, 15x15", "simulations/s", large, 60_000, note=note),
    ]


def _self_play(rules: Rules, games: int, simulations: int, search: SearchConfig) -> SelfPlay:
    return SelfPlay(rules, SelfPlayConfig(simulations=simulations, games=games, threads=1), search, seed=1)


def _make_moves(self_play: SelfPlay, evaluator: Evaluator, moves: int) -> None:
    """Goes on with the games in flight until so many moves are made."""
    made = 0

    def count_move() -> None:
        nonlocal made
        made += 1

    self_play.play(evaluator, ENDLESS, count_move, lambda: made >= moves)


def _self_play_rate(self_play: SelfPlay, evaluator: Evaluator, moves: int) -> float:
    """Simulations per second."""
    started = time.process_time()
    _make_moves(self_play, evaluator, moves)
    return (self_play.simulations + self_play.under_way) / (time.process_time() - started)


def _search_rate(evaluator: Evaluator, effort: Effort) -> float:
    """Simulations per second of games that stand at one to a dozen stones."""
    search = Search(EIGHT, evaluator, SearchConfig(), effort.games, effort.simulations + 2)
    rng = np.random.default_rng(1)
    for game in range(effort.games):
        board = Board(EIGHT)
        for move in rng.permutation(EIGHT.num_points)[: 1 + game % 12]:
            if board.outcome is None:
                board.push(int(move))
        search.add(board, effort.simulations, seed=game, noise=np.random.default_rng(game))
    return per_second(effort.games * effort.simulations, search.run)


def _microseconds_per_row(table: TableEvaluator, effort: Effort) -> float:
    positions = scattered_positions(EIGHT, effort.games, seed=1)
    calls = 50 * effort.simulations
    rate = per_second(calls * effort.games, lambda: [table.evaluate(positions) for _ in range(calls)])
    return 1e6 / rate
