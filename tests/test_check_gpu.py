"""The check of a GPU: the very same on the CPU, where nothing stands in for it, and memory that runs out."""

import logging
import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks import check_gpu
from gomoku.rules import Rules
from mcts.evaluator import Evaluation, Positions
from nets.calibration import scattered_positions
from nets.config import NetworkConfig
from nets.devices import find_device
from nets.network import Network, Output, build_network
from nets.torch_evaluator import ROW_MULTIPLE, TorchEvaluator

RULES = Rules(6, 4)
CPU = torch.device("cpu")
CONFIG = NetworkConfig(blocks=1, channels=8)
HAS_GPU = find_device("auto").type != "cpu"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["check_gpu", *arguments])
    return check_gpu.main()


@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("auto", marks=pytest.mark.skipif(not HAS_GPU, reason="no GPU here, neither CUDA nor MPS"))],
)
def test_all_checks_hold_and_every_speed_is_told(
    device: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--device", device, "--quick") == check_gpu.OK
    told = capsys.readouterr().out
    assert "FAILED" not in told
    for part in ("agreement, models/6x6x4, bfloat16", "company, medium, 15x15, float32", "learner, models/6x6x4, bf"):
        assert f"ok      {part}" in told
    for batch in check_gpu.QUICK.batches:
        assert f"\n{batch:8} " in told
    assert told.count("samples/s") == 4
    assert told.count("in two threads") == 2
    assert f"checks hold on {find_device(device)}" in told.splitlines()[-1]


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU here")
def test_without_a_gpu_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch) == check_gpu.NO_DEVICE
    (line,) = capsys.readouterr().err.splitlines()
    assert "no GPU here" in line


def test_a_device_that_is_not_here_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--device", "abacus") == check_gpu.NO_DEVICE
    (line,) = capsys.readouterr().err.splitlines()
    assert "'abacus' is not here" in line


class Crooked(TorchEvaluator):
    """Answers otherwise than the network would: with what stands first in the batch."""

    def evaluate(self, positions: Positions) -> Evaluation:
        answer = super().evaluate(positions)
        if self.precision == "float32":
            return answer
        values = np.clip(answer.values + answer.values[0] + 0.1, -1, 1)
        return answer._replace(priors=np.broadcast_to(answer.priors[:1], answer.priors.shape), values=values)


def test_wrong_answers_fail_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_gpu, "TorchEvaluator", Crooked)
    subject = check_gpu.trained_subject(check_gpu.QUICK)
    verdicts = {verdict.title: verdict.is_right for verdict in check_gpu.checks(subject, CPU, check_gpu.QUICK)}
    wrong = {title for title, is_right in verdicts.items() if not is_right}
    assert wrong == {"agreement, models/6x6x4, bfloat16", "company, models/6x6x4, bfloat16"}


def test_a_learner_that_goes_wrong_or_breaks_off_fails_its_check() -> None:
    subject = check_gpu.trained_subject(check_gpu.QUICK)
    with torch.no_grad():
        next(subject.network.parameters()).fill_(float("nan"))
    learners = [verdict for verdict in check_gpu.checks(subject, CPU, check_gpu.QUICK) if "learner" in verdict.title]
    assert [str(verdict)[:7].strip() for verdict in learners] == ["FAILED"] * 2
    assert all("no longer finite" in verdict.finding for verdict in learners)


class Greedy(Network):
    """Needs more memory than there is for more than so many rows."""

    most_rows = 40

    def forward(self, planes: Tensor, features: Tensor, lines: Tensor | None = None) -> Output:
        if len(planes) > self.most_rows:
            raise torch.OutOfMemoryError(f"no memory for {len(planes)} rows")
        return super().forward(planes, features, lines)


def greedy(most_rows: int) -> tuple[Greedy, Network]:
    """Such a network, and its twin that does with what there is."""
    torch.manual_seed(1)
    network = build_network(CONFIG)
    twin = Greedy(CONFIG)
    twin.load_state_dict(network.state_dict())
    twin.most_rows = most_rows
    return twin, network


def test_where_memory_runs_out_calls_are_halved_and_the_answers_stay(caplog: pytest.LogCaptureFixture) -> None:
    positions = scattered_positions(RULES, 200, seed=1)
    network, modest = greedy(most_rows=40)
    evaluator = TorchEvaluator(network, "cpu", chunk=112)
    with caplog.at_level(logging.WARNING):
        answer = evaluator.evaluate(positions)
        evaluator.evaluate(positions)
    assert evaluator.rows_per_call(200, 6) == [16] * 13
    assert [record.getMessage() for record in caplog.records] == [
        "cpu: no memory for 112 positions in one call, going on with 48",
        "cpu: no memory for 48 positions in one call, going on with 16",
    ]
    expected = TorchEvaluator(modest, "cpu").evaluate(positions)
    assert answer.priors.tobytes() == expected.priors.tobytes()
    assert answer.values.tobytes() == expected.values.tobytes()


def test_where_there_is_no_memory_for_the_smallest_call_it_says_so() -> None:
    network, _ = greedy(most_rows=ROW_MULTIPLE - 1)
    with pytest.raises(torch.OutOfMemoryError, match="no memory for 16 rows"):
        TorchEvaluator(network, "cpu").evaluate(scattered_positions(RULES, 20, seed=1))
