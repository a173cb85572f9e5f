"""Publishing a run: what is refused, what makes room."""

import json
import shutil
from pathlib import Path

import pytest

from nets.quantize import FILE_NAME
from training import publish as module
from training.publish import publish

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "6x6x4" / "model.safetensors"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    shutil.copy(SHIPPED, folder)
    return folder


def test_a_model_that_is_there_makes_room_only_where_that_is_said(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "shipped"
    publish(run, target, [])
    card = (target / "CARD.md").read_bytes()
    (target / FILE_NAME).write_bytes(b"of the weights that are there")
    with pytest.raises(ValueError, match="shipped holds a model already; name another folder, or add --replace"):
        publish(run, target, [])
    assert (target / FILE_NAME).is_file()
    assert (target / "CARD.md").read_bytes() == card
    publish(run, target, [], replaces=True)
    assert not (target / FILE_NAME).exists()


def test_what_is_no_run_and_a_run_that_did_not_end_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nope is not a run$"):
        publish(tmp_path / "nope", tmp_path / "new", [])
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "config.json").touch()
    with pytest.raises(ValueError, match=r"begun has no model yet: it was not let end$"):
        publish(begun, tmp_path / "new", [])
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("text", ["[]", "7", "{}", json.dumps({"players": ["a", "b"]}), "no JSON"])
def test_a_result_of_something_else_is_named(
    run: Path, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "told.json"
    told.write_text(text)
    monkeypatch.setattr("sys.argv", ["publish", str(run), str(tmp_path / "new"), "--results", str(told)])
    assert module.main() == 2
    assert (
        capsys.readouterr().err == f"publish.py: error: {told} is not a result that evaluate.py --json has written\n"
    )
    assert not (tmp_path / "new").exists()
