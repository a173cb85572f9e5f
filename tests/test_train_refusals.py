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
        ("--learner.weight_decay=.inf", "learner.weight_decay is inf, it must be 0 to 1000"),
        ("--learner.weight_decay=1e30", "learner.weight_decay is 1e+30, it must be 0 to 1000"),
        ("--learner.value_weight=1e308", "learner.value_weight is 1e+308, it must be 0 to 1000"),
        ("--learner.reply_weight=1e308", "learner.reply_weight is 1e+308, it must be 0 to 1000"),
        ("--learner.learning_rate=1e300", "learner.learning_rate is 1e+300, it must be above 0 and at most 1000"),
        ("--search.leaves_per_tree=1000000000", "search.leaves_per_tree is 1000000000, it must be 1 to 1024"),
        ("--search.collisions=9999999999999999999", "search.collisions is 9999999999999999999, it must be 0 to 1024"),
        ("--check.games=200000000", "check.games is 200000000, it must be an even number, 2 to 100000"),
        ("--check.simulations=100001", "check.simulations is 100001, it must be 1 to 100000"),
        ("--check.pure_simulations=4000001", "check.pure_simulations is 4000001, it must be 1 to 4000000"),
        ("--check.suite=[0, 100001]", "check.suite is (0, 100001), it must be numbers from 0 to 100000"),
        ("--keep.every=0", "keep.every is 0, it must be 1 or more"),
        ("--network.blocks=41", "network.blocks 41 is not a whole number from 0 to 40"),
        ("--search.tactics.vcf_nodes=-1", "search.tactics.vcf_nodes is -1, it must be 0 to 1000000000"),
        ('--self_play={"games": 0}', "self_play.games is 0, it must be 1 to 1000000"),
        ('--search={"tactics": null}', "search.tactics is None, it must be a group of settings"),
        ("--minutes=1e308", "--minutes is 1e+308, it must be above 0 and at most 100000000"),
    ],
)
def test_numbers_that_nothing_can_be_done_with_make_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, setting: str, told: str
) -> None:
    assert f"error: {told}" in refused(capsys, monkeypatch, "--run", str(tmp_path / "run"), setting)
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
