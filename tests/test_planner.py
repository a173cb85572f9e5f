"""`train.py plan`: what it reckons, where it knows it from, and the command that it ends with."""

import json
import shlex
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import train as script
from arena.statistics import score_interval
from gomoku.errors import CheckpointError
from gomoku.rules import Rules
from nets import calibration, openvino_evaluator
from nets.model_file import ModelCard, load_model, save_model
from nets.network import build_network
from training import planner
from training.config import TrainConfig
from training.plan_report import command_of, plan_text, start_of
from training.planner import Prospect, Recipe, Speed, known_recipes, ready, without
from training.presets import PRESETS
from training.publish import publish
from training.run_curves import Check
from training.run_folder import RunFolder
from training.sparring import no_partner
from training.start import settings_of

SMALL = [
    *("--rules", "5x5x4", "--network.blocks", "1", "--network.channels", "8", "--network.pool_every=0"),
    *("--self_play.simulations=8", "--self_play.games=8", "--self_play.threads=1", "--device=cpu"),
    *("--precision=float32", "--backend=torch", "--learner.precision=float32", "--learner.batch_size=32"),
]
NAME = "models/5x5x4"


def check(positions: int, score: float, suite: float | None = None) -> Check:
    return Check(positions / 100, positions // 20, positions, "pure@50", 40, score, 0.9 * score, 1.0, suite)


def recipe(*checks: Check, **more: object) -> Recipe:
    return replace(Recipe("models/a", ("--preset", "6x6x4"), TrainConfig(), None, checks), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two iterations, each with its check."""
    run = tmp_path_factory.mktemp("runs") / "five"
    often = ["--check.every=1", "--check.games=2", "--check.simulations=2", "--check.pure_simulations=10"]
    more = ["--iteration_positions=40", "--check.suite=[]", "--max_iterations=2", f"--run={run}", "--seed=5"]
    assert script.train([*SMALL, *often, *more]) == script.DONE
    return run


def plan(*arguments: object) -> int:
    return script.plan([*map(str, arguments), "--seconds=0.2"])


def test_time_is_shared_by_playing_and_learning() -> None:
    whole = PRESETS["6x6x4"]
    speed = Speed(made=100, learnt=100 * whole.learner.reuse)
    assert speed.positions_in(3600, whole) == pytest.approx(180_000), "a hundredth of a second each, for both"
    no_reuse = replace(whole, learner=replace(whole.learner, reuse=1e-9))
    assert speed.positions_in(3600, no_reuse) == pytest.approx(360_000)


def test_a_run_that_grows_is_reckoned_stage_by_stage() -> None:
    speed = Speed(made=100, learnt=400)
    grows = replace(PRESETS["8x8x5"], stages=({"simulations": 50}, {"at": 1000}))
    assert speed.positions_in(7.5, grows) == pytest.approx(500), "half the simulations, as much to learn"
    assert speed.positions_in(15, grows) == pytest.approx(1000)
    assert speed.positions_in(17, grows) == pytest.approx(1100)
    capped = replace(grows, self_play=replace(grows.self_play, full_share=0.5, quick_simulations=20))
    assert speed.positions_in(1000 * (35 / 60 / 100 + 0.01), capped) == pytest.approx(1000), "means of 35 and of 60"
    small = replace(grows, stages=({"boards": {"8x8x5": 1, "4x4x4": 1}}, {"at": 1000}))
    assert speed.positions_in(12.5, small) == pytest.approx(1000), "one position costs a quarter of the other"
    assert speed.positions_in(32.5, small) == pytest.approx(2000)


def test_strength_is_that_of_the_last_check_before_the_time_is_up() -> None:
    known = recipe(check(1000, 0.5), check(2000, 0.8))
    assert known.strength_at(999) is None
    assert known.strength_at(1000) is known.strength_at(1999) is known.checks[0]
    assert known.strength_at(10**9) is known.checks[1]
    assert known.positions_per_game == 20
    assert recipe().positions_per_game is None


def test_the_recipe_that_was_strongest_by_then_comes_first() -> None:
    def come_to(*checks: Check) -> Prospect:
        one = recipe(*checks)
        return Prospect(one, Speed(1, 1), 1500, one.strength_at(1500))

    late, weak, strong = come_to(check(2000, 1.0)), come_to(check(1000, 0.5)), come_to(check(1000, 0.7))
    knows_more = come_to(check(1000, 0.7, suite=0.4))
    ranked = sorted([late, weak, strong, knows_more], key=lambda one: one.rank, reverse=True)
    assert ranked == [knows_more, strong, weak, late], "of what was not checked so early nothing is expected"
    text = plan_text(ranked, 60)
    assert "after 1,000 positions (the end of what is recorded" in text
    assert "the first check, 1.00 (0.90–1.00) of 40 games against pure@50, came after 2,000 positions" in text
    assert "different opponents" not in text
    other = come_to(replace(check(1000, 0.9), opponent="pure@5"))
    assert "against different opponents, pure@5, pure@50: their order says little" in plan_text([other, *ranked], 60)


def test_options_of_the_recorded_run_alone_are_left_out_with_their_values() -> None:
    line = ["--preset", "6x6x4", "--run", "runs/a", "--minutes=5", "--seed", "3"]
    assert without(line, ("--run", "--minutes")) == ["--preset", "6x6x4", "--seed", "3"]


def test_weights_that_are_not_here_give_way_to_those_the_run_ended_with(tmp_path: Path) -> None:
    began = recipe(arguments=("--preset", "6x6x4", "--from", str(tmp_path)))
    arguments, remark = start_of(began)
    assert arguments == ["--preset", "6x6x4", "--from", "models/a"]
    assert f"began from {tmp_path}, which is not here" in remark
    save_model_of(tmp_path / "model.safetensors")
    assert start_of(began) == ([*began.arguments], "")
    in_one = recipe(arguments=("--preset", "6x6x4", f"--from={tmp_path / 'gone'}"))
    assert start_of(in_one)[0] == ["--preset", "6x6x4", "--from", "models/a"]


def save_model_of(path: Path) -> None:

    config = PRESETS["6x6x4"].network
    save_model(path, config, build_network(config).state_dict(), ModelCard("a", ("6x6x4",)))


def test_moves_that_are_only_played_are_no_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "_moves_per_second", lambda *_: 100.0)
    monkeypatch.setattr(planner, "learning_speed", lambda *_: 400.0)
    one = recipe()
    config = replace(one.config, backend="torch", precision="float32").with_threads_fixed()
    capped = replace(config, self_play=replace(config.self_play, full_share=0.25))
    assert [planner.measure(replace(one, config=each), 1, no_partner).made for each in (config, capped)] == [
        100.0,
        25.0,
    ]


def test_the_command_trains_what_was_planned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "6x6x4").mkdir(parents=True)
    words = shlex.split(command_of(recipe(), ["--preset", "6x6x4", "--seed", "7"], 5400))
    assert words[-4:] == ["--run", "runs/6x6x4-2", "--minutes", "90"], "beside the run that there is"
    assert settings_of(words[2:], PRESETS["6x6x4"].network).seed == 7


def test_a_run_is_measured_and_its_curve_foretells(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan("5x5x4", "--minutes", 30, "--with", recorded, "--json", tmp_path / "plan.json") == script.DONE
    shown = capsys.readouterr().out
    assert f"by {recorded}'s command\n" in shown
    assert f"in the run of {recorded}; where defaults have changed since, today's learn faster or slower" in shown
    figures = json.loads((tmp_path / "plan.json").read_text())
    (one,) = figures["prospects"]
    assert one["positions"] == pytest.approx(
        1800 / (1 / one["positions_per_second"] + PRESETS["6x6x4"].learner.reuse / one["learnt_per_second"])
    )
    assert one["strength"]["games_checked"] == 2
    assert one["games"] < one["positions"]
    assert figures["command"] in shown
    again = settings_of(shlex.split(figures["command"])[2:], PRESETS["6x6x4"].network)
    assert asdict(again)["network"]["channels"] == 8


def test_a_card_holds_no_more_of_the_curve_than_its_model_has_learnt(recorded: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(recorded, run)
    older = load_model(run / "generations" / "000001.safetensors")
    save_model(run / "model.safetensors", older.config, older.weights, older.card)
    card = load_model(publish(run, tmp_path / NAME, [])).card
    assert (card.generation, len(card.results["curve"])) == (1, 1)
    assert (tmp_path / NAME / "CARD.md").read_text().endswith("\n\nNo match is recorded with these weights.\n")


@pytest.mark.parametrize("name", [NAME, "models/from-zero/5x5x4"])
def test_a_shipped_model_foretells_by_the_curve_in_its_card(recorded: Path, tmp_path: Path, name: str) -> None:
    publish(recorded, tmp_path / name, [])
    (known,), complaints = known_recipes(Rules(5, 4), tmp_path / "models", [], score_interval)
    assert not complaints
    assert known.source == name
    assert len(known.checks) == 2
    assert known.config.network.channels == 8
    (other,), _ = known_recipes(Rules(10, 5), tmp_path / "models", [], score_interval)
    assert other.source == "preset 9x9x5", "the nearest in size"
    assert other.arguments == ("--preset", "9x9x5", "--rules", "10x10x5")


def test_what_cannot_be_planned_is_refused(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a run of 5x5x4, the plan is for 6x6x4"):
        plan("6x6x4", "--minutes", 5, "--with", recorded)
    with pytest.raises(CheckpointError, match="is not a run"):
        plan("6x6x4", "--minutes", 5, "--with", tmp_path)
    with pytest.raises(ValueError, match="--minutes is 0, it must be a number above 0"):
        plan("6x6x4", "--minutes", 0)
    with pytest.raises(ValueError, match=r"--minutes is 1e\+308"):
        plan("6x6x4", "--minutes", 1e308)
    for path in (tmp_path / "nowhere" / "plan.json", tmp_path):
        with pytest.raises(ValueError, match=f"--json {path}: not a file in a folder that exists"):
            plan("6x6x4", "--minutes", 5, "--json", path)
    copy = tmp_path / "bare"
    shutil.copytree(recorded, copy)
    shutil.rmtree(RunFolder(copy).generation(1).parent)
    with pytest.raises(ValueError, match="no generation to measure with"):
        plan("5x5x4", "--minutes", 5, "--with", copy)


def test_a_recipe_in_what_this_cpu_has_not_is_followed_by_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings_of(SMALL, TrainConfig().network)
    told = recipe(
        arguments=("--preset", "6x6x4", "--backend", "openvino", "--precision", "bfloat16"),
        config=replace(config, backend="openvino", precision="bfloat16"),
    )
    for module in (openvino_evaluator, calibration):
        monkeypatch.setattr(module, "has_bfloat16", lambda: False)
    followed = ready(told)
    assert followed.arguments == ("--preset", "6x6x4")
    assert (followed.config.backend, followed.config.precision) != ("openvino", "bfloat16")
