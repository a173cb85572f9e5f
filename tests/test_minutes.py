"""`--minutes`: what a run that is resumed does with those it is given."""

import json
from pathlib import Path

import pytest
from training_parts import ended

import train as script
from training.metrics import read_metrics

SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu", "--backend=torch"),
    *("--precision=float32", "--learner.precision=float32", "--iteration_positions=30", "--self_play.simulations=4"),
    *("--self_play.games=4", "--learner.batch_size=32", "--replay.window_start=50", "--check.every=0"),
]


def test_more_minutes_than_a_run_has_had_are_worth_an_iteration_however_few_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    metrics = run / "metrics.jsonl"

    def iterations_after(minutes: float) -> int:
        """Those of the run when it has been resumed."""
        assert ended(monkeypatch, "--resume", str(run), f"--minutes={minutes}") == script.DONE
        return len(read_metrics(metrics))

    assert ended(monkeypatch, "--run", str(run), *SETTINGS, "--minutes=1e-9") == script.DONE
    (line,) = read_metrics(metrics)
    metrics.write_text(json.dumps(line | {"seconds": 150.0}) + "\n")  # half an iteration is more than a minute
    assert iterations_after(2.6) == 2
    assert "nothing was trained" not in capsys.readouterr().err
    assert iterations_after(2.5) == 2
    told = capsys.readouterr().err
    assert "nothing was trained: --minutes 2.5 counts the minutes of all resumes" in told
    had = float(told.partition("there have been ")[2].partition("; give more than that")[0])
    assert iterations_after(had + 0.001) == 3, "what it says would train does"
