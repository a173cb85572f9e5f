"""A learner whose memory runs out goes on with smaller parts, takes the same steps, and says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from learner_parts import filled_replay

from gomoku.rules import Rules
from nets.config import NetworkConfig
from nets.network import build_network
from training.config import CheckConfig, LearnerConfig, SelfPlayConfig, TrainConfig
from training.hooks import Hooks
from training.learner import Learner, Losses
from training.loop import TrainingLoop
from training.metrics import read_metrics
from training.micro_batches import LearnerMemoryError
from training.run_folder import RunFolder

RULES = Rules(6, 4)
SHAPE = NetworkConfig(blocks=1, channels=8)
BATCH = 50
CONFIG = TrainConfig(
    device="cpu",
    backend="torch",
    precision="float32",
    iteration_positions=60,
    max_iterations=2,
    network=SHAPE,
    self_play=SelfPlayConfig(simulations=8, games=8, threads=1),
    learner=LearnerConfig(batch_size=32),
    check=CheckConfig(every=0),
)


def full_gpu() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")


def full_cpu() -> None:
    torch.empty(1 << 47)


def memory_for(rows: int, fail: Callable[[], None] = full_gpu) -> Callable[[torch.nn.Module, Any], None]:
    """What a device does whose memory holds the layers of so many positions."""

    def refuse(_network: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) > rows:
            fail()

    return refuse


def learn(
    rows: int,
    steps: int = 4,
    value_mix: float = 0.0,
    threads: int = 1,
    reply_weight: float = 0.0,
    fail: Callable[[], None] = full_gpu,
) -> tuple[Learner, Losses]:
    torch.manual_seed(0)
    config = LearnerConfig(
        batch_size=BATCH,
        warmup=0,
        learning_rate=1e-3,
        precision="float32",
        optimizer="sgd",
        value_mix=value_mix,
        threads=threads,
        reply_weight=reply_weight,
    )
    learner = Learner(build_network(SHAPE), config, torch.device("cpu"))
    learner.network.register_forward_pre_hook(memory_for(rows, fail))
    return learner, learner.learn(filled_replay(), steps, np.random.default_rng(0))


@pytest.mark.parametrize("value_mix", [0.0, 0.3])
def test_a_step_in_parts_is_the_same_step_up_to_rounding(value_mix: float) -> None:
    (whole, whole_losses), (cut, cut_losses) = (learn(rows, value_mix=value_mix) for rows in (BATCH, 20))
    assert (whole.parts.rows, cut.parts.rows) == (None, 12)
    assert cut_losses == pytest.approx(whole_losses, rel=1e-4)
    assert (cut.steps, cut.learnt) == (whole.steps, whole.learnt) == (4, 4 * BATCH)
    for ours, theirs in ((cut.network, whole.network), (cut.averaged, whole.averaged)):
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("threads", "reply_weight"), [(2, 0.0), (2, 0.15), (3, 0.0), (64, 0.0)])
def test_threads_take_the_same_step_up_to_rounding_and_the_very_same_one_every_time(
    threads: int, reply_weight: float
) -> None:
    (alone, losses_alone), (ours, losses), (again, losses_again) = (
        learn(BATCH, threads=count, reply_weight=reply_weight) for count in (1, threads, threads)
    )
    assert losses == pytest.approx(losses_alone, rel=1e-4)
    assert losses == losses_again
    assert (losses.reply > 0) == (reply_weight > 0)
    for one, same, other in zip(ours.parameters, again.parameters, alone.parameters, strict=True):
        assert torch.equal(one, same)
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    with pytest.raises(LearnerMemoryError):
        learn(0, steps=1, threads=threads)


def test_the_learners_threads_are_written_out_when_a_run_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)

    def threads(batch_size: int = 256, actors: int = 0, wanted: int = 0) -> int:
        config = TrainConfig(
            self_play=SelfPlayConfig(actors=actors), learner=LearnerConfig(batch_size=batch_size, threads=wanted)
        )
        return config.with_threads_fixed().learner.threads

    assert threads() == 4
    assert threads(batch_size=64) == 2, "less than 32 positions are not worth a thread"
    assert threads(batch_size=8) == 1
    assert threads(actors=3) == threads(actors=-1) == 1, "the cores are taken"
    assert threads(actors=3, wanted=2) == 2


@pytest.mark.parametrize("fail", [full_gpu, full_cpu])
def test_each_halving_is_told_once(fail: Callable[[], None]) -> None:
    cut, _ = learn(20, fail=fail)
    assert cut.parts.take_alarms() == [
        "no memory to learn 50 positions at once, going on with 25 at a time",
        "no memory to learn 25 positions at once, going on with 12 at a time",
    ]
    cut.learn(filled_replay(), 2, np.random.default_rng(0))
    assert cut.parts.take_alarms() == []


def test_memory_for_no_position_at_all_ends_the_learning() -> None:
    with pytest.raises(LearnerMemoryError, match="no memory for a single position"):
        learn(0)


def test_any_other_error_is_not_taken_for_it() -> None:
    def other() -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        learn(20, fail=other)


def test_a_run_notes_it_among_its_alarms_and_goes_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    loop = TrainingLoop(folder, CONFIG, Hooks(check=lambda _network, _iteration: {}))
    loop.state.learner.network.register_forward_pre_hook(memory_for(20))
    assert loop.run(None) == "iterations"
    first, second = read_metrics(folder.metrics)
    halved = "no memory to learn 32 positions at once, going on with 16 at a time"
    assert (halved in first["alarms"], halved in second["alarms"]) == (True, False)
