"""How a learner moves its weights along their gradients.

Owns AdamW's and momentum's memory of past gradients. The arithmetic is torch's own, by its functions: its classes
load torch's compiler, which nobody here asks for, and that is a second of every start.
"""

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from training.config import LearnerConfig

STEP, MEAN, SQUARE, MOMENTUM = "step", "exp_avg", "exp_avg_sq", "momentum_buffer"
"""Names as torch's classes give them, which are those in a checkpoint."""


class Optimizer:
    """Bit for bit `torch.optim.AdamW` or `torch.optim.SGD`, as the settings say."""

    def __init__(self, parameters: Iterable[nn.Parameter], config: LearnerConfig) -> None:
        self._config = config
        parameters = list(parameters)
        # Weight decay is for weights of more than one axis: a bias has nothing to overfit with.
        decayed, others = [p for p in parameters if p.ndim > 1], [p for p in parameters if p.ndim <= 1]
        self._parameters = [*decayed, *others]
        self._groups = ((range(len(decayed)), config.weight_decay), (range(len(decayed), len(parameters)), 0.0))
        self.state: dict[int, dict[str, Tensor]] = {}
        """By the parameter's place, those with weight decay first; empty before the first step."""

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Moves every parameter along its `grad`."""
        move = self._descend if self._config.optimizer == "sgd" else self._adapt
        for places, decay in self._groups:
            parameters: list[Tensor] = [self._parameters[place] for place in places]
            move(places, parameters, [_gradient_of(parameter) for parameter in parameters], rate, decay)

    def load(self, state: Mapping[int, Mapping[str, Tensor]]) -> None:
        """Takes over the `state` of another one, which may have been on another device."""
        self.state = {
            place: {
                name: value if name == STEP else value.to(self._parameters[place].device)
                for name, value in entry.items()
            }
            for place, entry in state.items()
        }

    def _adapt(
        self, places: Sequence[int], parameters: list[Tensor], gradient: list[Tensor], rate: float, decay: float
    ) -> None:
        for place, parameter in zip(places, parameters, strict=True):
            if place not in self.state:
                nothing = {name: torch.zeros_like(parameter) for name in (MEAN, SQUARE)}
                self.state[place] = {STEP: torch.tensor(0.0), **nothing}
        steps, means, squares = ([self.state[place][name] for place in places] for name in (STEP, MEAN, SQUARE))
        adamw(
            parameters,
            gradient,
            means,
            squares,
            [],
            steps,
            amsgrad=False,
            beta1=0.9,
            # The targets move with the games: a shorter memory of squared gradients than usual learns faster.
            beta2=0.99,
            lr=rate,
            weight_decay=decay,
            eps=1e-8,
            maximize=False,
        )

    def _descend(
        self, places: Sequence[int], parameters: list[Tensor], gradient: list[Tensor], rate: float, decay: float
    ) -> None:
        buffers = [self.state.get(place, {}).get(MOMENTUM) for place in places]
        sgd(
            parameters,
            gradient,
            buffers,
            weight_decay=decay,
            momentum=0.9,
            lr=rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
        )
        for place, buffer in zip(places, buffers, strict=True):
            assert buffer is not None  # the first step makes it
            self.state[place] = {MOMENTUM: buffer}


def _gradient_of(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad
