"""Is all right on this GPU, and how fast is it? The checks first, then the speeds.

    make check-gpu                                    the GPU that torch finds: CUDA, else MPS
    python -m benchmarks.check_gpu --device cuda:1    another one
    python -m benchmarks.check_gpu --device cpu       the very same checks where there is no GPU

Ends with 0 if all checks hold, 1 if one does not, 2 if there is no such device.
"""

import argparse
import copy
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring import machine
from benchmarks.subjects import M, TableEvaluator, reference_network
from gomoku.rules import Rules
from mcts.config import SearchConfig
from mcts.evaluator import Evaluator, Positions
from nets.agreement import Errors, tolerance_of
from nets.calibration import EngineOptions, candidates, scattered_positions
from nets.devices import find_device
from nets.engine import Engine, compile_network
from nets.model_file import find_model_file, load_model
from nets.network import Network, network_of, weights_of
from nets.torch_evaluator import TorchEvaluator
from training.actors import InProcessActors
from training.config import LearnerConfig, ReplayConfig, SelfPlayConfig, TrainConfig
from training.learner import PRECISIONS, Learner, LossNotFiniteError
from training.replay import ReplayBuffer, Segment
from training.samples import pack_samples
from training.self_play import SelfPlay
from training.shares import Assignment

MODEL = Path(__file__).resolve().parent.parent / "models/6x6x4"
SIMULATIONS, GAMES = 16, 32
"""Of the self-play that the positions come from."""
LEARNER_TOLERANCE = 0.03
"""Nats between the mean losses of a few steps on the device and on the CPU in float32."""
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
OK, FAILED, NO_DEVICE = 0, 1, 2
NO_GPU = "no GPU here, neither CUDA nor MPS; --device cpu runs the same checks on the CPU"


@dataclass(frozen=True)
class Effort:
    """How much is done."""

    positions: int = 1000
    """That the answers are compared on."""
    steps: int = 5
    """Of the learner, in its checks and in each of its turns."""
    batch_size: int = 256
    """Of those steps."""
    seconds: float = 1.0
    """For each speed."""
    batches: tuple[int, ...] = BATCHES
    overlap_games: int = 256
    overlap_simulations: int = SIMULATIONS
    overlap_moves: int = 2**62
    """After so many the games that it is measured by are left, if there are no positions enough before."""


FULL = Effort()
QUICK = Effort(
    64,
    steps=1,
    batch_size=32,
    seconds=0.01,
    batches=(16, 64),
    overlap_games=16,
    overlap_simulations=2,
    overlap_moves=32,
)


@dataclass(frozen=True)
class Subject:
    """A network, and positions of games under the rules that it is tried on."""

    name: str
    network: Network
    replay: ReplayBuffer

    @property
    def rules(self) -> Rules:
        return self.replay.segments[0].rules

    def positions(self, count: int) -> Positions:
        return self.replay.draw(np.random.default_rng(1), count)[1].positions(self.rules)


@dataclass(frozen=True)
class Verdict:
    """What came of one check."""

    title: str
    finding: str
    is_right: bool

    def __str__(self) -> str:
        return f"{'ok' if self.is_right else 'FAILED':8}{self.title}: {self.finding}"


def main() -> int:
    what, _, usage = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.check_gpu",
        description=what,
        epilog=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--device", default="auto", help="torch's name of one (auto: a GPU)")
    parser.add_argument("--quick", action="store_true", help="little work: shows that it runs, not how fast")
    arguments = parser.parse_args()
    try:
        device = find_device(arguments.device)
    except ValueError as error:
        print(f"check_gpu: error: {error}", file=sys.stderr)
        return NO_DEVICE
    if arguments.device == "auto" and device.type == "cpu":
        print(f"check_gpu: error: {NO_GPU}", file=sys.stderr)
        return NO_DEVICE
    torch.set_num_threads(1)
    effort = QUICK if arguments.quick else FULL
    print(f"{device_name(device)}, torch {torch.__version__}, {machine()['date']}", flush=True)
    subjects = (trained_subject(effort), untrained_subject(effort))
    verdicts = []
    for subject in subjects:
        for verdict in checks(subject, device, effort):
            print(verdict, flush=True)
            verdicts.append(verdict)
    for subject in subjects:
        for line in speeds(subject, device, effort):
            print(line, flush=True)
    failed = sum(not verdict.is_right for verdict in verdicts)
    print(f"{len(verdicts) - failed} of {len(verdicts)} checks hold on {device}")
    return FAILED if failed else OK


def trained_subject(effort: Effort) -> Subject:
    """The shipped model and its own games: sure of itself, it shows rounding best."""
    model = load_model(find_model_file(MODEL))
    network = network_of(model.config, model.weights)
    rules = Rules(6, 4)
    return Subject("models/6x6x4", network, _replay_of(TorchEvaluator(network, "cpu"), rules, effort))


def untrained_subject(effort: Effort) -> Subject:
    """The larger reference network on a large board, which has more for a GPU to do."""
    rules = Rules(15, 5)
    return Subject(f"{M}, 15x15", reference_network(M), _replay_of(TableEvaluator(rules.num_points), rules, effort))


def _replay_of(evaluator: Evaluator, rules: Rules, effort: Effort) -> ReplayBuffer:
    self_play = SelfPlay(rules, SelfPlayConfig(simulations=SIMULATIONS, games=GAMES), SearchConfig(), seed=1)
    games = self_play.play(evaluator, effort.positions, lambda: None, lambda: False)
    replay = ReplayBuffer(ReplayConfig())
    replay.add(
        Segment(1, rules, pack_samples([sample for game in games for sample in game.samples], rules.num_points))
    )
    return replay


def checks(subject: Subject, device: torch.device, effort: Effort) -> Iterator[Verdict]:
    """What an evaluator and a learner owe, on the device."""
    positions = subject.positions(effort.positions)
    for precision in precisions_on(device):
        for check in (check_agreement, check_company):
            title = f"{check.__name__.removeprefix('check_')}, {subject.name}, {precision}"
            yield _tried(title, partial(check, subject.network, positions, device, precision))
    for precision in PRECISIONS:
        config = LearnerConfig(batch_size=effort.batch_size, warmup=0, precision=precision)
        title = f"learner, {subject.name}, {precision}"
        yield _tried(title, partial(check_learner, subject, config, device, effort.steps))


def precisions_on(device: torch.device) -> list[str]:
    """Those that self-play would choose from there."""
    return [engine.precision for engine in candidates(EngineOptions("torch", device=str(device)))]


def check_agreement(network: Network, positions: Positions, device: torch.device, precision: str) -> tuple[str, bool]:
    """Whether the answers are those of float32 on the CPU, within the tolerance of the calibration."""
    exact = TorchEvaluator(network, "cpu").evaluate(positions)
    answer = TorchEvaluator(network, str(device), precision).evaluate(positions)
    errors = Errors.of(answer, exact)
    return f"{errors} from float32 on the CPU", errors.are_within(tolerance_of(precision))


def check_company(network: Network, positions: Positions, device: torch.device, precision: str) -> tuple[str, bool]:
    """Whether a row has the same bits whoever shares its batch."""
    evaluator = TorchEvaluator(network, str(device), precision)
    together = evaluator.evaluate(positions)
    rng, batch = np.random.default_rng(1), len(positions.stones)
    companies = [rng.permutation(batch)[:count] for count in (1, 2, 17, 33, batch // 2, batch)]
    changed = 0
    for rows in companies:
        apart = evaluator.evaluate(_rows_of(positions, rows))
        is_same = (apart.priors == together.priors[rows]).all(axis=1)
        is_same &= (apart.values == together.values[rows]) & (apart.draws == together.draws[rows])
        changed += int((~is_same).sum())
    return f"{changed} of {sum(map(len, companies))} rows depend on their company", changed == 0


def check_learner(subject: Subject, config: LearnerConfig, device: torch.device, steps: int) -> tuple[str, bool]:
    """Whether a few steps on the same batches have the losses that they have on the CPU in float32."""
    ours, exact = (
        _learner(subject, one, place).learn(subject.replay, steps, np.random.default_rng(1))
        for one, place in ((config, device), (replace(config, precision="float32"), torch.device("cpu")))
    )
    policy, value = abs(ours.policy - exact.policy), abs(ours.value - exact.value)
    finding = f"loss of the policy off by {policy:.2g}, of the value by {value:.2g} nats from the CPU's"
    return finding, max(policy, value) <= LEARNER_TOLERANCE


def speeds(subject: Subject, device: torch.device, effort: Effort) -> Iterator[str]:
    """Lines of a table, in wall clock."""
    precisions = precisions_on(device)
    yield f"\n{subject.name}, evaluations/s\n{'batch':>8}{''.join(f'{name:>12}' for name in precisions)}"
    evaluators = [TorchEvaluator(subject.network, str(device), precision) for precision in precisions]
    for batch in effort.batches:
        positions = scattered_positions(subject.rules, batch, seed=1)
        calls = [partial(evaluator.evaluate, positions) for evaluator in evaluators]
        rates = [batch * _per_second(call, effort.seconds) for call in calls]
        yield f"{batch:8}{''.join(f'{rate:12,.0f}' for rate in rates)}"
    rng, size = np.random.default_rng(1), effort.batch_size
    for precision in PRECISIONS:
        learner = _learner(subject, LearnerConfig(batch_size=size, precision=precision), device)
        rate = size * _per_second(partial(learner.learn, subject.replay, 1, rng), effort.seconds)
        yield f"learner, batch {size}, {precision}: {rate:,.0f} samples/s"
    yield overlap(subject, device, effort)


def overlap(subject: Subject, device: torch.device, effort: Effort) -> str:
    """Self-play of two threads, half the games each, over that of one: while one batch is on the device, the other
    thread's games are searched on."""
    engine = Engine("torch", device=str(device))
    network = compile_network(subject.network.config, weights_of(subject.network), engine)
    simulations, rates = effort.overlap_simulations, []
    for threads in (1, 2):
        progress = [0]
        self_play = SelfPlayConfig(simulations, effort.overlap_games, threads=threads)
        actors = InProcessActors(TrainConfig(subject.rules.name, network=subject.network.config, self_play=self_play))
        with closing(actors):
            assignment = Assignment(network, 0, 0, simulations)
            is_enough = partial(lambda seen: seen[-1] >= effort.overlap_moves, progress)
            harvest = actors.play(assignment, effort.positions, progress.append, is_enough)
        rates.append(harvest.simulations / harvest.seconds)
    return f"self-play, {rates[1]:,.0f} simulations/s in two threads, {rates[1] / rates[0]:.2f} times those of one"


def device_name(device: torch.device) -> str:
    """The maker's name of it."""
    if device.type == "cuda":
        return f"{device}, {torch.cuda.get_device_name(device)}"
    return f"{device}, {machine()['cpu']}"


def _rows_of(positions: Positions, rows: NDArray[np.intp]) -> Positions:
    rules, stones, to_play, legal, seeds = positions
    return Positions(rules, stones[rows], to_play[rows], legal[rows], seeds[rows])


def _learner(subject: Subject, config: LearnerConfig, device: torch.device) -> Learner:
    return Learner(copy.deepcopy(subject.network), config, device)


def _tried(title: str, check: Callable[[], tuple[str, bool]]) -> Verdict:
    """A check that breaks off has failed; the others can still tell something."""
    try:
        return Verdict(title, *check())
    except (RuntimeError, LossNotFiniteError) as error:
        return Verdict(title, " ".join(str(error).split()), is_right=False)


def _per_second(work: Callable[[], object], seconds: float) -> float:
    work()  # compiles, and reserves memory
    count, started = 0, time.perf_counter()
    while count == 0 or time.perf_counter() - started < seconds:
        work()
        count += 1
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
