"""A strength check that is stopped: it ends soon, its iteration is kept, and it is made up for."""

from dataclasses import replace
from pathlib import Path

import pytest

import train as script
from gomoku.board import Board
from gomoku.player import Limit
from gomoku.rules import parse_rules
from mcts.pure import pure_player
from mcts.rollout import RolloutEvaluator
from mcts.stopping import StoppablePlayer
from nets.config import NetworkConfig
from nets.network import Network, build_network
from training.config import CheckConfig, LearnerConfig, SelfPlayConfig, TrainConfig
from training.hooks import Hooks
from training.loop import TrainingLoop
from training.metrics import read_metrics
from training.run_folder import RunFolder

CONFIG = TrainConfig(
    iteration_positions=30,
    backend="torch",
    precision="float32",
    device="cpu",
    network=NetworkConfig(blocks=0, channels=4),
    self_play=SelfPlayConfig(simulations=4, games=4, threads=1),
    learner=LearnerConfig(batch_size=16, threads=1, precision="float32"),
    check=CheckConfig(every=2, games=4, simulations=8, pure_simulations=50, suite=(0, 4)),
)

RULES = parse_rules(CONFIG.rules)
Told = tuple[float, int, dict[str, object]]
"""What `Hooks.on_check` is told."""


def check_by_steps(network: Network, iteration: int) -> dict[str, object]:
    return {"opponent": "nobody", "games": 2, "score": iteration + float(next(network.parameters()).sum())}


def train(root: Path, iterations: int, told: list[Told], *, is_stopped: bool = False) -> TrainingLoop:
    """Until the end of so many iterations, or in the midst of the check of the last one. `told` gets what is said of
    checks."""
    check = (lambda *_: None) if is_stopped else check_by_steps
    hooks = Hooks(check=check, on_check=lambda *facts: told.append(facts))
    loop = TrainingLoop(RunFolder(root), replace(CONFIG, max_iterations=iterations), hooks)
    loop.run(None)
    return loop


def files_of(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.rglob("*.safetensors"))}


def test_a_run_that_is_stopped_in_its_check_keeps_the_iteration_and_becomes_the_same_run(tmp_path: Path) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    told_of_whole: list[Told] = []
    told: list[Told] = []
    train(whole, 3, told_of_whole)
    loop = train(stopped, 2, told, is_stopped=True)
    assert told == []
    assert (loop.state.iteration, loop.state.ratings) == (2, [])
    before = read_metrics(stopped / "metrics.jsonl")
    assert [line["check"] for line in before] == [None, None]
    loop = train(stopped, 3, told)
    assert [rating["iteration"] for rating in loop.state.ratings] == [2]
    ours, theirs = files_of(stopped), files_of(whole)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []
    after = read_metrics(stopped / "metrics.jsonl")
    assert [line["check"] for line in after] == [line["check"] for line in read_metrics(whole / "metrics.jsonl")]
    assert [facts[1:] for facts in told] == [facts[1:] for facts in told_of_whole] == [(2, after[1]["check"])]
    assert told[0][0] == pytest.approx(after[1]["total_seconds"] / 60)
    assert after[1]["seconds"] > before[1]["seconds"]
    assert after[2]["total_seconds"] == pytest.approx(sum(line["seconds"] for line in after))


class Stop:
    """Says so from some question on, and counts them."""

    def __init__(self, first: int) -> None:
        self.first, self.asked = first, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked >= self.first


@pytest.mark.parametrize("threads", [1, 2])
def test_a_check_asks_its_networks_nothing_more_when_it_is_stopped(threads: int) -> None:
    config = replace(CONFIG, self_play=replace(CONFIG.self_play, threads=threads))
    network = build_network(config.network)
    never = Stop(first=10**9)
    assert (script.StrengthCheck(config, never)(network, 2) or {})["games"] == 4
    for first in (1, never.asked // 10, never.asked // 2):  # in the suite, and in the games
        stop = Stop(first)
        assert script.StrengthCheck(config, stop)(network, 2) is None
        assert stop.asked < first + threads


def test_the_opponent_of_a_check_plays_as_ever_and_in_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    boards = [Board.from_moves(RULES, moves) for moves in ([], [14], [14, 15, 20])]
    limits = [Limit(seed=seed) for seed in (1, 2, 3)]
    # It would be asked for each simulation where a search does not know it for what it is.
    monkeypatch.setattr(RolloutEvaluator, "evaluate", lambda *_: pytest.fail("ten times as slow"))
    usual = pure_player(300).decide(boards, limits)
    stoppable = StoppablePlayer(pure_player(300), lambda: False).decide(boards, limits)
    assert [(one.move, one.candidates) for one in stoppable] == [(one.move, one.candidates) for one in usual]
    assert (script.StrengthCheck(CONFIG)(build_network(CONFIG.network), 2) or {})["games"] == 4
