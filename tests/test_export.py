"""Networks as ONNX files: another program gives the same answers with them, on every board and batch."""

import shutil
import sys
from pathlib import Path

import onnxruntime
import pytest
from reference_weights import random_weights

from gomoku.rules import Rules, Variant
from mcts.evaluator import Evaluation
from nets import export
from nets.batching import Inputs
from nets.calibration import scattered_positions
from nets.config import PRESETS, NetworkConfig
from nets.engine import Engine, compile_network, make_evaluator
from nets.export import onnx_bytes

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models/6x6x4/model.safetensors"
SHAPES = {
    "plain": PRESETS["plain"],
    "tiny": PRESETS["tiny"],
    "unpooled": NetworkConfig(blocks=1, channels=8, stem_kernel=3, pool_every=0),
    "lines": NetworkConfig(blocks=1, channels=8, line_planes=True),
    "bare": NetworkConfig(blocks=0, channels=8, stem_kernel=1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_onnx_runtime_gives_torch_s_answers_on_every_board_and_batch(shape: str) -> None:
    config = SHAPES[shape]
    weights = random_weights(config)
    session = onnxruntime.InferenceSession(onnx_bytes(config, weights, {}), providers=["CPUExecutionProvider"])
    exact = make_evaluator(compile_network(config, weights, Engine("torch", device="cpu")))
    for rules in (Rules(3, 3), Rules(6, 4), Rules(15, 5, Variant.RENJU), Rules(22, 5)):
        for batch in (1, 5, 33):
            positions = scattered_positions(rules, batch, seed=batch)
            inputs = Inputs.of(positions, config.line_planes)
            boards = inputs.codes.reshape(batch, rules.size, rules.size)
            seen = {"codes": boards, "features": inputs.features}
            if inputs.lines is not None:
                seen["lines"] = inputs.lines.reshape(batch, rules.size, rules.size, -1)
            outputs = session.run(list(Evaluation._fields), seen)
            answer = Evaluation(*outputs)
            expected = exact.evaluate(positions)
            for ours, theirs in zip(answer, expected, strict=True):
                assert ours == pytest.approx(theirs, abs=1e-5)
            assert (answer.priors[~positions.legal] == 0).all()


def test_the_command_writes_a_shipped_model_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.onnx"
    monkeypatch.setattr(sys, "argv", ["export", str(MODEL), str(target)])
    assert export.main() == 0
    assert capsys.readouterr().out == f"{target}\n"
    session = onnxruntime.InferenceSession(target.read_bytes(), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map == {"name": "6x6x4", "trained_rules": "6x6x4"}


def test_what_cannot_be_written_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Path(shutil.copy(MODEL, tmp_path))
    cases = [
        (tmp_path / "none", tmp_path / "out.onnx", "no such file or folder"),
        (MODEL, tmp_path / "nowhere/out.onnx", "there is no folder"),
        (own, own, f"{own} exists already"),
        (own, tmp_path, f"{tmp_path} exists already"),
    ]
    for model, target, reason in cases:
        monkeypatch.setattr(sys, "argv", ["export", str(model), str(target)])
        assert export.main() == 2
        said = capsys.readouterr()
        assert reason in said.err
        assert said.err.count("\n") == 1
        assert list(tmp_path.iterdir()) == [own]
        assert own.read_bytes() == MODEL.read_bytes()
