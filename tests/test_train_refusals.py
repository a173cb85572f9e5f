"""What `train.py` says before any run: settings that would break one are refused, and help shows what holds."""

from pathlib import Path

import pytest
from training_parts import ended, refused

from training.config import TrainConfig
from training.run_folder import RunFolder, write_config


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("--search.c_puct_base=.inf", "search.c_puct_base is inf, it must be finite"),
        ("--search.fpu_reduction=.nan", "search.fpu_reduction is nan, it must be finite"),
        ("--self_play.temperature=.inf", "self_play.temperature is inf, it must be finite"),
        ("--learner.weight_decay=.inf", "learner.weight_decay is inf, it must be finite"),
    ],
)
def test_numbers_that_no_checkpoint_can_hold_make_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, setting: str, told: str
) -> None:
    assert told in refused(capsys, monkeypatch, "--run", str(tmp_path / "run"), setting)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("device", "told"), [("cpu:0", "'cpu:0' is not one of auto, cpu with 'openvino'"), ("meta", "'meta' is not here")]
)
def test_a_device_that_does_not_go_with_the_run_stays_out_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, device: str, told: str
) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    write_config(folder, TrainConfig(backend="openvino", precision="float32"))
    before = folder.config.read_bytes()
    assert told in refused(capsys, monkeypatch, "--resume", str(folder.root), "--device", device)
    assert folder.config.read_bytes() == before


def test_help_shows_the_defaults_of_the_preset_that_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for preset, rules, window in (((), "6x6x4", 20_000), (("--preset", "9x9x5"), "9x9x5", 50_000)):
        with pytest.raises(SystemExit, match=r"^0$"):
            ended(monkeypatch, *preset, "--help")
        text = " ".join(capsys.readouterr().out.split())
        assert "train.py plan RULES" in text
        assert f"`renju-15x15`. (type: str, default: {rules})" in text
        assert f"nothing is forgotten. ≥ 1. (type: int, default: {window})" in text
