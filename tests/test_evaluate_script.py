"""`evaluate.py` as users run it, and the duel beneath it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import evaluate
from arena.duel import play_duel
from arena.duel_report import duel_remarks
from arena.statistics import measure
from gomoku.board import Board
from gomoku.player import Decision, Limit, limits_for
from gomoku.random_player import RandomPlayer
from gomoku.rules import BLACK, WHITE, Rules
from mcts.pure import pure_player
from nets.config import NetworkConfig
from nets.model_file import ModelCard, save_model
from nets.network import build_network

SCRIPT = Path(__file__).resolve().parent.parent / "evaluate.py"
SMALL = NetworkConfig(blocks=1, channels=8, policy_channels=4, value_channels=4, value_hidden=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "models/small").mkdir(parents=True)
    random = torch.Generator().manual_seed(1)
    weights = build_network(SMALL).state_dict()
    for tensor in weights.values():
        tensor.normal_(0, 0.3, generator=random)
    save_model(folder / "models/small/model.safetensors", SMALL, weights, ModelCard("small", ("6x6x4",)))
    return folder


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(SCRIPT), *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def figures(folder: Path, *arguments: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    path = folder / "out.json"
    done = run(folder, *arguments, "--json", str(path))
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report, done


def figures_here(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> dict[str, Any]:
    """Without a process for it, which takes longer to start than to play."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments, "--json", "here.json"])
    assert evaluate.main() == 0
    report: dict[str, Any] = json.loads((folder / "here.json").read_text(encoding="utf-8"))
    return report


def test_a_model_against_random_gives_figures_that_add_up_and_do_not_depend_on_workers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("models/small@8", "random", "--games", "40", "--seed", "7", "--device", "cpu")
    report, _ = figures(folder, *arguments, "--workers", "2")
    assert report["players"] == ["models/small@8", "random"]
    assert report["rules"] == "6x6x4", "the model's own"
    assert report["openings"] == "balanced"
    assert report["games"] == report["wins"] + report["draws"] + report["losses"] == 40
    assert report["score"] == pytest.approx((report["wins"] + report["draws"] / 2) / 40)
    for name in ("wins", "draws", "losses"):
        assert report[name] == report["as_black"][name] + report["as_white"][name]
    assert sum(report["as_black"].values()) == 20
    assert report["distinct_games"] == 40
    again = figures_here(monkeypatch, folder, *arguments, "--workers", "1")
    clocks = dict.fromkeys(("seconds", "seconds_per_move", "longest_seconds"))
    assert again | clocks == report | clocks


def test_a_match_by_the_clock_says_what_time_each_player_used(folder: Path) -> None:
    report, done = figures(folder, "random", "models/small@0.1s", "--games", "2", "--openings", "empty")
    (quick, slow), (quickest, longest) = report["seconds_per_move"], report["longest_seconds"]
    assert 0 <= quick <= quickest
    assert 0.02 < slow <= longest
    assert longest >= 0.1, "no move is proven before it is thought about"
    assert (
        f"seconds a move {quick:.3f} (longest {quickest:.2f}) and {slow:.3f} (longest {longest:.2f})" in done.stdout
    )


def test_a_one_sided_match_has_no_upper_bound_and_the_table_says_so(folder: Path) -> None:
    arguments = ("pure@300", "random", "--rules", "8x8x4", "--games", "10", "--openings", "empty")
    report, done = figures(folder, *arguments)
    assert report["wins"] == 10
    assert report["elo"] is None
    assert report["elo_high"] is None
    assert report["elo_low"] > 100
    assert "as Black        5      5      0       0   1.000" in done.stdout
    assert f"above {report['elo_low']:+.0f}" in done.stdout


def test_openings_that_one_colour_wins_with_either_player_are_told_of(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "won.txt").write_text("c3a1d3b1e3d1\n")  # three in an open row, and Black to move
    match = ("pure@300", "pure@200", "--rules", "6x6x4", "--games", "4", "--workers", "1")
    report = figures_here(monkeypatch, folder, *match, "--openings", "won.txt")
    assert (report["black_won_both"], report["white_won_both"]) == (2, 0)
    assert "Black won for either player from 2 of 2 openings" in capsys.readouterr().err
    even = {**report, "black_won_both": 5, "white_won_both": 5, "games": 30, "distinct_games": 30}
    assert list(duel_remarks(even)) == []
    (remark,) = duel_remarks({**even, "white_won_both": 6})
    assert remark.startswith("White won for either player from 6 of 15 openings")


def test_repeated_games_and_rules_that_a_model_was_not_trained_on_are_warned_of(folder: Path) -> None:
    """With one simulation a model plays its first choice, so that only two different games are played."""
    arguments = ("models/small@1", "models/small@1", "--rules", "7x7x4", "--games", "8", "--openings", "empty")
    report, done = figures(folder, *arguments)
    assert report["distinct_games"] == 2
    assert "only 2 of 8 games are distinct" in done.stderr
    assert "was trained on 6x6x4, not on 7x7x4" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["models/none", "random"], "there is models/small, pure, scripted, random"),
        (["random", "random", "--games", "5"], "must be an even number"),
        (["random", "random", "--games", "ten"], "invalid int value: 'ten'"),
        (["random", "random", "--seed", "-1"], "must be 0 or more"),
        (["random", "random", "--workers", "0"], "--workers 0: must be N or ray:N, N from 1"),
        (["random", "random", "--workers", "ray:"], "--workers ray:: must be N or ray:N, N from 1"),
        (["random", "random", "--workers", "2", "--ray-address", "here"], "must be local, auto or HOST:PORT"),
        (["random", "random", "--ray-address", "auto"], "goes with --workers ray:N"),
        (["random", "random", "--threads", "2"], "unrecognized arguments: --threads"),
        (["random", "random", "--openings", "fair"], "not empty, balanced, model:PATH or a file"),
        (["random", "random", "--rules", "6x6x9"], "win length"),
        (["random", "random", "--json", "nowhere/out.json"], "not a file in a folder that exists"),
        (["random", "random", "--gamez", "4"], "unrecognized arguments: --gamez"),
        (["models/small@0.1s", "random", "--workers", "9999"], "players with seconds per move need a core each"),
        (["models/small", "random", "--device", "cudax", "--games", "2"], "device 'cudax' is not here"),
        (
            ["models/small", "models/small", "--precision", "float32", "bfloat16", "auto"],
            "evaluate.py: error: --precision float32 bfloat16 auto: must be one, or two, one for each player\n",
        ),
    ],
)
def test_bad_input_gets_one_line_and_status_2(
    folder: Path,
    arguments: list[str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["evaluate.py", *arguments])
    try:
        status: object = evaluate.main()
    except SystemExit as end:  # how argparse leaves
        status = end.code
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("evaluate.py: error: ")
    assert reason in said.err


def test_the_script_itself_ends_with_status_2_and_without_a_traceback(folder: Path) -> None:
    done = run(folder, "models/none", "random")
    assert done.returncode == 2
    assert done.stderr.startswith("evaluate.py: error: player 'models/none'")
    assert len(done.stderr.splitlines()) == 1


def test_ctrl_c_ends_with_one_line_and_status_130(folder: Path) -> None:
    arguments = ("pure@2000000", "pure@2000000", "--rules", "15x15", "--openings", "empty", "--workers", "2")
    with subprocess.Popen(command(*arguments), cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "0/100" not in process.stderr.read(1) + process.stderr.readline(20):
            assert process.poll() is None
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=30) == 130
    assert "Traceback" not in rest
    assert rest.splitlines()[-1] == "evaluate.py: stopped; nothing was written"


def test_a_duel_gives_every_opening_to_both_colours_and_counts_for_the_first_player() -> None:
    rules = Rules(6, 4)
    openings = [Board.from_moves(rules, [move]) for move in (0, 7, 14, 35)]
    strong, weak = pure_player(200), RandomPlayer()
    duel = play_duel([strong], [weak], openings, seed=1)
    for opening, (as_black, as_white) in zip(openings, duel.pairs, strict=True):
        assert as_black.outcome.winner == -as_white.outcome.winner == BLACK
        assert as_black.moves[0] == as_white.moves[0] == opening.moves[0]
        # White begins from such an opening, and the strong one has the time of its own moves alone.
        assert as_black.seconds_of(BLACK) == as_black.seconds[1::2]
        assert as_white.seconds_of(WHITE) == as_white.seconds[0::2]
    own = [*(game.seconds_of(BLACK) for game, _ in duel.pairs), *(game.seconds_of(WHITE) for _, game in duel.pairs)]
    assert duel.spent[0].per_move == pytest.approx(np.mean(np.concatenate(own)))
    report = duel.report()
    assert report["wins"] == 8
    mirrored = play_duel([weak], [strong], openings, seed=1).report()
    assert mirrored["losses"] == 8
    assert mirrored["elo_high"] == pytest.approx(-report["elo_low"])


def test_repeated_pairs_are_no_evidence_in_a_duel() -> None:
    class FirstPointPlayer(RandomPlayer):
        def decide(self, boards: Sequence[Board], limit: Limit | Sequence[Limit]) -> list[Decision]:
            return [
                Decision(board.legal_moves()[0]) for board, _ in zip(boards, limits_for(boards, limit), strict=True)
            ]

    rules = Rules(6, 4)
    corner, centre = Board(rules), Board.from_moves(rules, [14])
    duel = play_duel([FirstPointPlayer()], [FirstPointPlayer()], [corner] * 9 + [centre], seed=1)
    assert duel.num_distinct_games == 4
    assert duel.strength == measure([0.5] * 10, num_distinct=2)


def test_a_duel_on_two_threads_is_that_on_one() -> None:
    openings = [Board.from_moves(Rules(6, 4), [move]) for move in (0, 7, 14)]
    one, two = (
        play_duel([pure_player(20)] * threads, [RandomPlayer()] * threads, openings, seed=1) for threads in (1, 2)
    )
    assert [game.moves for game in one.games] == [game.moves for game in two.games]


def test_a_player_that_cannot_play_the_rules_breaks_the_duel_off_on_all_threads() -> None:
    class PickyPlayer(RandomPlayer):
        def decide(self, *_: Any) -> Any:
            raise ValueError("only renju")

    openings = [Board(Rules(6, 4))] * 4
    with pytest.raises(ValueError, match="only renju"):
        play_duel([RandomPlayer(), PickyPlayer()], [RandomPlayer(), RandomPlayer()], openings, seed=1)


def test_each_player_may_have_a_precision_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    players = ("models/small@8", "models/small@8", "--games", "8", "--workers", "1")
    arguments = (*players, "--device", "cpu", "--backend", "torch")
    both = figures_here(monkeypatch, folder, *arguments, "--precision", "float32")
    mixed = figures_here(monkeypatch, folder, *arguments, "--precision", "float32", "bfloat16")
    assert both["score"] == 0.5
    assert mixed["games"] == 8
