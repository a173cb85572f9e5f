"""The learner: one network, its optimizer, and the averaged weights that play."""

import copy
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from gomoku.rules import BLACK, EMPTY, Rules
from mcts.spans import Span, no_span
from nets.inputs import LEGAL_CODES, global_features, point_codes
from nets.lines import open_lines
from nets.network import Network, ReplyHead
from nets.planes import line_planes_of, planes_of
from training.config import LearnerConfig
from training.micro_batches import Gradient, MicroBatches
from training.replay import ReplayBuffer
from training.samples import Batch, empty_batch

Precision = Literal["float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16")
_WORTHWHILE = 1.05
"""bfloat16 has to be this many times faster than float32 to be chosen."""
_ROUNDS = 3
_CALIBRATION_POINTS = 16_384
"""Most points for each thread in a batch: larger ones take longer and rank the precisions alike."""


class Losses(NamedTuple):
    """Means over the steps of one iteration."""

    policy: float
    """Cross entropy to the search's distribution, in nats."""
    value: float
    """Cross entropy to the outcome, in nats."""
    policy_entropy: float
    """Of what the network says, in nats."""
    gradient_norm: float
    """Before clipping."""
    reply: float = 0.0
    """Cross entropy to the opponent's answer, in nats; 0 where none is learnt."""


class LossNotFiniteError(ArithmeticError):
    """Training has gone wrong beyond repair; the last checkpoint has not."""


class Learner:
    """Owns the weights, always float32. `averaged` is the network that plays.

    In bfloat16 the layers compute in half precision; losses, gradients of the weights and the optimizer do not.
    """

    def __init__(
        self,
        network: Network,
        config: LearnerConfig,
        device: torch.device,
        span: Span = no_span,
    ) -> None:
        """Takes the network over, as the one that learns.

        Args:
          span: entered as `learn` around every step, the drawing of its batch included.
        """
        self.config = config
        self.device = device
        self._span = span
        self.network = network.to(device).train()
        self.averaged = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.reply_head = ReplyHead(network.config).to(device) if config.reply_weight else None
        """Belongs to the learner alone: models do without."""
        self.parameters = [
            parameter for module in (self.network, self.reply_head) if module for parameter in module.parameters()
        ]
        self.optimizer = _make_optimizer(self.parameters, config)
        # 0 threads: a run that began before there were any to choose.
        self.parts = MicroBatches(max(1, config.threads) if device.type == "cpu" else 1)
        self.steps = 0
        self.learnt = 0
        """Positions learnt, repetitions counted."""

    def learn(self, replay: ReplayBuffer, steps: int, rng: np.random.Generator) -> Losses:
        """Takes `steps` (≥ 1) gradient steps on batches drawn from the buffer.

        Raises:
          LossNotFiniteError: a loss or gradient that is not a number; the weights must not be used any more.
          LearnerMemoryError: the device has no memory for a single position.
        """
        totals = torch.zeros(len(Losses._fields), dtype=torch.float64)
        for _ in range(steps):
            with self._span("learn"):
                totals += self._step(*replay.draw(rng, self.config.batch_size))
        if not torch.isfinite(totals).all():
            raise LossNotFiniteError(f"the loss is no longer finite after {self.learnt} positions")
        return Losses(*(totals / steps).tolist())

    def _step(self, rules: Rules, batch: Batch) -> Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.rate_at(self.learnt)
        means, gradient = self.parts.add_up(batch, partial(self._gradient_of, rules))
        for parameter, its_own in zip(self.parameters, gradient, strict=True):
            parameter.grad = its_own
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.config.clip)
        self.optimizer.step()
        self.steps += 1
        self.learnt += self.config.batch_size
        self._average()
        *losses, reply = means.cpu().double()  # Apple's GPUs know no float64
        return torch.stack((*losses, norm.detach().cpu().double(), reply))

    def _gradient_of(self, rules: Rules, part: Batch, share: float) -> tuple[Tensor, Gradient]:
        """See `MicroBatches.add_up`; the figures are policy loss, value loss, entropy and reply loss."""
        policy_loss, value_loss, _, reply_loss = losses = self._losses(self.network, rules, part)
        loss = policy_loss + self.config.value_weight * value_loss + self.config.reply_weight * reply_loss
        # Not `backward`, which adds to what all threads share.
        return share * torch.stack(losses).detach(), torch.autograd.grad(share * loss, self.parameters)

    @torch.no_grad()
    def judge(self, batches: Sequence[tuple[Rules, Batch]]) -> Losses:
        """The mean losses of the averaged network on batches (at least one) that it does not learn."""
        means = torch.stack([torch.stack(self._losses(self.averaged, *one)) for one in batches]).mean(dim=0)
        policy, value, entropy, reply = means.cpu().double().tolist()
        return Losses(policy, value, entropy, gradient_norm=0.0, reply=reply)

    def _losses(self, network: Network, rules: Rules, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        codes = torch.from_numpy(point_codes(batch.stones, batch.legal)).to(self.device)
        features = torch.from_numpy(global_features(rules, batch.to_play)).to(self.device)
        is_half = self.config.precision == "bfloat16"
        dtype = torch.bfloat16 if is_half else torch.float32
        planes, lines = planes_of(codes, rules.size, dtype), None
        if self.network.config.line_planes:
            counts = torch.from_numpy(open_lines(batch.stones, batch.to_play, rules)).to(self.device)
            lines = line_planes_of(counts, rules.size, dtype)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=is_half):
            output = network(planes, features, lines)
            reply = None if self.reply_head is None else self.reply_head(output.trunk)
        log_policy = functional.log_softmax(output.policy.float().masked_fill(codes < LEGAL_CODES, -1e4), dim=1)
        value_target = torch.from_numpy(value_targets(batch, self.config.value_mix)).to(self.device)
        entropy = -(log_policy.exp() * log_policy).sum(dim=1).mean()
        value_loss = functional.cross_entropy(output.value.float(), value_target)
        reply_loss = torch.zeros_like(value_loss)
        if reply is not None:
            # What is illegal for one side may be open to the other: only stones are out of the question.
            is_taken = torch.from_numpy(batch.stones != EMPTY).to(self.device)
            log_reply = functional.log_softmax(reply.float().masked_fill(is_taken, -1e4), dim=1)
            reply_loss = self._cross_entropy(batch.reply_target, log_reply)
        return self._cross_entropy(batch.policy_target, log_policy), value_loss, entropy, reply_loss

    def _cross_entropy(self, target: NDArray[np.float32], log_policy: Tensor) -> Tensor:
        """Mean over the rows of `[B, A]`; a row of zeros adds nothing."""
        return -(torch.from_numpy(target).to(self.device) * log_policy).sum(dim=1).mean()

    @torch.no_grad()
    def _average(self) -> None:
        """Moves the averaged weights a little toward the present ones; at the start they simply follow."""
        keep = min(self.config.averaging, self.steps / (self.steps + 10))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.network.parameters()), 1 - keep)


def value_targets(batch: Batch, mix: float) -> NDArray[np.float32]:
    """`[B, 3]` chances of a win, a draw and a loss that are learnt.

    The search knows one number, not three: where the game was decided, what is missing from ±1 is shared by win and
    loss; where it was drawn, it is the chance of a draw.

    Args:
      mix: share of the search's value, the rest is how the game ended.
    """
    ended = np.eye(3, dtype=np.float32)[1 - batch.outcome.astype(np.int64)]
    if mix == 0:
        return ended
    value, nothing = batch.value, np.zeros_like(batch.value)
    decided = np.stack(((1 + value) / 2, nothing, (1 - value) / 2), axis=1)
    drawn = np.stack((np.maximum(value, 0), 1 - np.abs(value), np.maximum(-value, 0)), axis=1)
    thought = np.where((batch.outcome == 0)[:, None], drawn, decided)
    return ((1 - mix) * ended + mix * thought).astype(np.float32)


def choose_learner_precision(
    network: Network, rules: Rules, config: LearnerConfig, device: torch.device
) -> tuple[Precision, str]:
    """Times the learner's steps on a copy of the network; takes about a second.

    With `config.threads`, each at its part of a batch. Touches neither the network nor torch's random stream.
    What is chosen belongs into `LearnerConfig.precision`, so that a resumed run does not choose again.

    Returns: the precision, and one line that says what was measured.
    """
    if config.precision != "auto":
        return config.precision, f"learner: {config.precision}, as told"
    speeds = _speeds(network, rules, [replace(config, precision=name) for name in PRECISIONS], device)
    full, half = speeds
    chosen = PRECISIONS[half > full * _WORTHWHILE]
    return chosen, f"learner: float32 {full:.0f}/s, bfloat16 {half:.0f}/s: {chosen}"


def learning_speed(network: Network, rules: Rules, config: LearnerConfig, device: torch.device) -> float:
    """Positions learnt per second, repetitions counted; takes about a second, and leaves the network as it is.

    Args:
      config: with its precision fixed.
    """
    return _speeds(network, rules, [config], device)[0]


def _speeds(network: Network, rules: Rules, configs: Sequence[LearnerConfig], device: torch.device) -> list[float]:
    """Positions per second of each way to learn, timed in turns on copies of the network."""
    most = _CALIBRATION_POINTS * max(1, *(config.threads for config in configs)) // rules.num_points
    rows = min(most, *(config.batch_size for config in configs))
    learners = [Learner(copy.deepcopy(network), config, device) for config in configs]
    batch = _any_batch(rules, rows)
    best = [float("inf")] * len(learners)
    for turn in range(1 + _ROUNDS):
        for k, learner in enumerate(learners):
            started = time.perf_counter()
            learner._step(rules, batch)
            if turn:  # the first one warms up
                best[k] = min(best[k], time.perf_counter() - started)
    return [rows / seconds for seconds in best]


def _any_batch(rules: Rules, rows: int) -> Batch:
    """Boards with a few stones scattered on them; what is learnt from them does not matter."""
    batch = empty_batch(rows, rules.num_points)
    batch.stones[:] = np.random.default_rng(0).integers(-2, 3, size=batch.stones.shape) // 2
    batch.to_play[:] = BLACK
    batch.legal[:] = batch.stones == EMPTY
    batch.policy_target[:] = 1 / rules.num_points
    return batch


def _make_optimizer(parameters: Sequence[nn.Parameter], config: LearnerConfig) -> torch.optim.Optimizer:
    """Weight decay is for weights of more than one axis: a bias has nothing to overfit with."""
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.learning_rate, momentum=0.9)
    # The targets move with the games: a shorter memory of squared gradients than the usual 0.999 learns faster.
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))
