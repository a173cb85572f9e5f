"""How far an engine's answers may lie from float32: the measure, and what is tolerated."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mcts.evaluator import Evaluation


class Errors(NamedTuple):
    """Mean differences to float32: of policies (half the sum of their differences), and of values."""

    policy: float
    value: float

    @classmethod
    def of(cls, rough: Evaluation, exact: Evaluation) -> "Errors":
        """Of answers to the same positions."""
        policy, value = differences(rough, exact)
        return cls(float(policy.mean()), float(value.mean()))

    def are_within(self, tolerance: "Errors") -> bool:
        # Written so that a result that is not a number fails.
        return self.policy <= tolerance.policy and self.value <= tolerance.value

    def __str__(self) -> str:
        return f"policy off by {self.policy:.2g}, value by {self.value:.2g}"


REAL_TOLERANCE = Errors(policy=0.03, value=0.01)
"""Of the half precisions, on positions that the network plays; on made-up ones it errs by twice as much."""
INT8_TOLERANCE = Errors(policy=0.04, value=0.02)
"""Of 8 bits, which matches have to prove besides."""


def tolerance_of(precision: str) -> Errors:
    """What is tolerated of an engine that computes in this precision."""
    return INT8_TOLERANCE if precision == "int8" else REAL_TOLERANCE


def differences(rough: Evaluation, exact: Evaluation) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far two answers lie apart in each row: half the sum of the policies' differences, and the values'."""
    policy: NDArray[np.float32] = 0.5 * np.abs(rough.priors - exact.priors).sum(axis=1)
    return policy, np.abs(rough.values - exact.values)
