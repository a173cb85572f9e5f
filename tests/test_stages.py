"""Runs that grow from board to board: who plays what when, that nothing mixes, and that a resumed one is the same."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from reference_search import HashEvaluator
from test_actors import CONFIG, POSITIONS, as_json, compiled_network, numbers_in_flight, numbers_waiting
from test_resume import CONFIG as RUN_CONFIG
from test_resume import files_of, train
from training_parts import refused

from gomoku.board import Board
from gomoku.rules import Rules, parse_rules
from mcts.config import SearchConfig
from training.actor_processes import ProcessActors
from training.actors import Actors, InProcessActors
from training.config import ReplayConfig, TrainConfig
from training.metrics import read_metrics
from training.replay import ReplayBuffer, Segment
from training.run_folder import RunFolder, read_config
from training.samples import Sample, pack_policy, pack_samples
from training.self_play import SelfPlay
from training.shares import Assignment
from training.stages import StageSettings, make_plan

SMALL, LARGE = "6x6x4", "7x7x5"
STAGES = (StageSettings(boards={SMALL: 1, LARGE: 1}, simulations=8), StageSettings(at=200, boards={LARGE: 1}))


def test_each_board_gets_its_share_of_the_iterations_evenly_spread() -> None:
    plan = make_plan(
        "15x15", 100, (StageSettings(boards={"9x9": 3, "15x15": 1}), StageSettings(at=1000, simulations=200))
    )
    assert plan.boards == (Rules(15, 5), Rules(9, 5))
    boards = [plan.at(iteration, 999)[0] for iteration in range(400)]
    assert Counter(boards)[0] == pytest.approx(100, abs=2)
    assert max(np.diff(np.flatnonzero(np.array(boards) == 0))) <= 8, "none is forgotten for long"
    assert {plan.at(iteration, 0)[1] for iteration in range(10)} == {100}
    assert {plan.at(iteration, 1000) for iteration in range(10)} == {(0, 200)}


def test_a_run_without_stages_plays_its_rules_and_a_late_first_stage_leaves_them_the_beginning() -> None:
    assert make_plan(SMALL, 50, ()).at(3, 10**6) == (0, 50)
    late = make_plan(SMALL, 50, (StageSettings(at=10, boards={LARGE: 1}),))
    assert [late.at(0, made) for made in (0, 9, 10)] == [(0, 50), (0, 50), (1, 50)]


@pytest.mark.parametrize(
    ("stages", "complaint"),
    [
        ('[{"at": 5}, {"at": 5}]', "stages begin at 5, 5: each must be later than the one before"),
        ('[{"at": -1}]', "a stage's at is -1, it must be 0 or more"),
        ('[{"simulations": 1}]', "a stage's simulations is 1, it must be 2 to 100000"),
        ('[{"boards": {"6x6x4": 0}}]', "a stage's share of 6x6x4 is 0.0, it must be 0.001 to 1000"),
        ('[{"boards": {"6x6x4": 1e308, "7x7x4": 1}}]', "6x6x4 is 1e+308, it must be 0.001 to 1000"),
        ('[{"boards": {"6x7": 1}}]', "6x7"),
        ('[{"boards": {"15x15": 1, "15x15x5": 1}}]', "a stage plays one board under two names: 15x15, 15x15x5"),
        ('[{"bords": {}}]', "bords"),
    ],
)
def test_stages_that_make_no_sense_are_refused_in_one_line(
    stages: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert complaint in refused(capsys, monkeypatch, "--run", str(tmp_path / "run"), "--stages", stages)
    assert not (tmp_path / "run").exists()


@contextmanager
def actors_of(kind: str, config: TrainConfig, folder: Path) -> Iterator[Actors]:
    made: Actors = InProcessActors(config) if kind == "threads" else ProcessActors(config, folder)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_actors_change_boards_and_go_on_with_the_games_that_waited(kind: str, tmp_path: Path) -> None:
    config = replace(CONFIG, rules=LARGE, stages=STAGES)
    rules = config.plan.boards
    assert [r.name for r in rules] == [LARGE, SMALL]
    seen: dict[int, list[int]] = {0: [], 1: []}
    with actors_of(kind, config, tmp_path) as actors:
        for generation, board in enumerate([0, 1] * 10):
            if generation >= 4 and seen[0] and seen[1]:  # an actor of its own may be a round behind
                break
            assignment = Assignment(compiled_network(), generation, board, 6 + board)
            harvest = actors.play(assignment, POSITIONS, lambda _moves: None, lambda: False)
            assert any(game.rules == rules[board] for game in harvest.games) or kind == "processes"
            for game in harvest.games:
                index = rules.index(game.rules)
                seen[index].append(game.number)
                assert len(game.samples[0].cells) == game.rules.num_points
                Board.from_moves(game.rules, game.moves)
        state = as_json(actors)
    numbers = [*seen[0], *seen[1]]
    assert len(set(numbers)) == len(numbers)
    assert seen[0]
    assert seen[1]
    num_workers = len(state) // len(rules)
    assert {number % len(state) // num_workers for number in seen[0]} == {0}
    assert {number % len(state) // num_workers for number in seen[1]} == {1}
    missing = (
        set(range(min(numbers), max(numbers))) - set(numbers) - numbers_in_flight(state) - numbers_waiting(state)
    )
    assert all(number >= state[number % len(state)]["next_number"] for number in missing), "no game was forgotten"


def test_nothing_counts_as_played_before_its_stage() -> None:
    plan = make_plan(LARGE, 8, (StageSettings(boards={SMALL: 1.0}), StageSettings(at=200, boards={LARGE: 1.0})))
    small, large = parse_rules(SMALL), parse_rules(LARGE)
    assert [plan.boards_until(made) for made in (0, 199, 200)] == [[small], [small], [large, small]]


def test_the_card_tells_the_boards_and_the_simulations_that_were_played(tmp_path: Path) -> None:
    stages = (StageSettings(simulations=4), StageSettings(at=50, boards={"7x7x4": 1.0}, simulations=5))
    told = [train(tmp_path, 1 + k, replace(RUN_CONFIG, stages=stages)).card() for k in range(2)]
    assert [card.simulations for card in told] == [4, 5], "the first iteration ends at 60 positions, begun at none"
    assert [card.trained_rules for card in told] == [("6x6x4",), ("6x6x4", "7x7x4")]


def test_a_share_plays_with_as_many_simulations_as_it_is_told() -> None:
    share = SelfPlay(Rules(6, 4), replace(CONFIG.self_play, play_out=1.0), SearchConfig(solver=False), seed=1)
    share.simulations_per_move = 5
    moves = 0

    def count() -> None:
        nonlocal moves
        moves += 1

    share.play(HashEvaluator(), 100, count, lambda: False)
    assert share.simulations == 5 * moves


def sample_on(rules: Rules, outcome: int) -> Sample:
    board = Board(rules)
    moves, weights = pack_policy(board.legal_mask() / rules.num_points)
    return Sample(board.cells, board.to_play, moves, weights, outcome, 0)


def test_a_batch_holds_one_board_and_over_many_every_position_comes_alike() -> None:
    small, large = parse_rules(SMALL), parse_rules(LARGE)
    replay = ReplayBuffer(ReplayConfig(window_start=60))
    replay.add(Segment(1, small, pack_samples([sample_on(small, -1)] * 40, small.num_points)))
    replay.add(Segment(1, large, pack_samples([sample_on(large, 0)] * 10, large.num_points)))
    replay.add(Segment(2, small, pack_samples([sample_on(small, 1)] * 10, small.num_points)))
    rng = np.random.default_rng(0)
    counts: Counter[tuple[str, int]] = Counter()
    for _ in range(2000):
        rules, batch = replay.draw(rng, 6)
        assert batch.stones.shape == (6, rules.num_points)
        counts.update((rules.name, int(outcome)) for outcome in batch.outcome)
    shares = {key: count / counts.total() for key, count in counts.items()}
    assert shares == pytest.approx({(SMALL, -1): 4 / 6, (LARGE, 0): 1 / 6, (SMALL, 1): 1 / 6}, abs=0.03)
    rules, batch = replay.draw(rng, 50, large)
    assert rules == large
    assert set(batch.outcome) == {0}


def test_a_run_over_two_boards_resumes_byte_for_byte_and_says_what_it_played(tmp_path: Path) -> None:
    config = replace(RUN_CONFIG, rules=LARGE, stages=STAGES)
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train(whole, 6, config)
    train(halves, 3, config)
    loop = train(halves, 6, config)
    ours, theirs = files_of(halves), files_of(whole)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    boards = [line["boards"] for line in read_metrics(RunFolder(whole).metrics)]
    assert {name for played in boards for name in played} == {SMALL, LARGE}
    assert all(set(played) == {LARGE} for played in boards[-2:])
    assert loop.card().trained_rules == (LARGE, SMALL)
    assert read_config(RunFolder(whole)).stages == STAGES
