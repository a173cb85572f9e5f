"""The bar over a run of training, and what is said where the run is stopped."""

import re
import signal
from pathlib import Path

import pytest
from test_resume import train
from training_parts import kept_signals, refused

from training.config import TrainConfig
from training.console import ProgressBar, StopSignal
from training.hooks import Phase, Progress


@pytest.mark.parametrize(
    ("minutes", "seconds", "told"),
    [(1.0, 0.2, "1:00"), (1.0, 0.6, "0:59"), (2.0, 0.4, "2:00"), (1.0, 0.0, "1:00"), (1.0, 61.0, "0:00")],
)
def test_the_time_that_is_left_is_minutes_and_seconds_below_sixty(
    capsys: pytest.CaptureFixture[str], minutes: float, seconds: float, told: str
) -> None:
    bar = ProgressBar(minutes, TrainConfig())
    bar.show(Progress(Phase.SELF_PLAY, 1, seconds, 0, 0, 0.0, None, 0.0, 0.0))
    bar.close()
    assert re.findall(r"(\d+:\d+) left", capsys.readouterr().err)[-1] == told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_a_run_is_told_that_it_was_heard(
    capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    with kept_signals():
        stop = StopSignal()
        assert not stop.is_set
        signal.raise_signal(number)
        assert stop.is_set
        assert signal.getsignal(number) == signal.SIG_DFL
    assert capsys.readouterr().err == ("train.py: ends after what it is doing now; a second signal ends it at once\n")


def test_a_run_that_cannot_go_on_is_told_of_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(tmp_path / "run", 1).folder
    run.checkpoint(1).write_bytes(run.checkpoint(1).read_bytes()[:-1])
    capsys.readouterr()
    line = refused(capsys, monkeypatch, "--resume", str(run.root), "--max_iterations=2")
    assert line.startswith(f"train.py: error: no checkpoint in {run.root} is whole: {run.checkpoint(1)}: ")
