"""The benchmark as users run it, and the yardstick that it measures against."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from benchmarks.bench import table
from benchmarks.measuring import Figure, by_turns, ratios
from benchmarks.subjects import S, reference_network
from benchmarks.textbook import Node, TextbookBoard, TextbookSearch, TextbookSelfPlay
from gomoku.board import Board
from gomoku.rules import Rules
from mcts.evaluator import positions_of
from nets.openvino_evaluator import has_bfloat16
from nets.torch_evaluator import TorchEvaluator

ROOT = Path(__file__).resolve().parent.parent
ENGINES = (
    *("torch_float32", "torch_bfloat16", "openvino_float32"),
    *(("openvino_bfloat16",) if has_bfloat16() else ()),
    "openvino_int8",
)
ALL_CORES = ("all_bare", "all", "all_over_bare", "all_over_one")
KEYS = [
    "textbook",
    "self_play",
    "self_play_over_textbook",
    "beside_network",
    "tree",
    "evaluator_15x15",
    "self_play_15x15",
    "self_play_over_evaluator",
    "pure_8x8",
    "pure_15x15",
    "learner_6x6",
    "learner_6x6_bf16",
    "learner_15x15",
    "learner_15x15_bf16",
    "replay_6x6",
    "replay_15x15",
    "limit",
    *(f"ceiling_8x8_{engine}" for engine in ENGINES),
    "arithmetic_8x8",
    "int8_8x8",
    *(f"ceiling_15x15_{engine}" for engine in ENGINES),
    "arithmetic_15x15",
    "int8_15x15",
    "learner_cores_6",
    "learner_cores_15",
    *(f"{figure}_{board}" for board in ("15x15", "8x8") for figure in ALL_CORES),
    "one_int8",
    "one_over_textbook",
    "all_int8",
    "all_over_textbook",
    "tree_rate",
    "tree_over_textbook",
    "answer",
    "prompt_warm",
    "reply_warm",
]


def test_a_quick_bench_prints_its_table_and_writes_every_figure(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "benchmarks.bench", "--quick", "--json", str(out)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    written = json.loads(out.read_text(encoding="utf-8"))
    assert list(written["figures"]) == KEYS
    for figure in written["figures"].values():
        assert 0 < figure["min"] <= figure["median"] <= figure["max"]
        assert f"\n{figure['title']} " in run.stdout
    machine = written["machine"]
    assert machine["cores"] >= 1
    assert machine["torch"] == torch.__version__
    assert f"Python {machine['python']}, torch {machine['torch']}" in run.stdout


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.bench", "--json", str(tmp_path / "none" / "out.json")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert run.stderr.splitlines()[-1].endswith(f"there is no folder {tmp_path / 'none'}")


def test_a_figure_that_misses_its_target_says_so() -> None:
    rate = Figure("rate", "rate of work", "pieces/s", (3.0, 1.0, 2.0), at_least=2.5)
    cost = Figure("cost", "cost of work", "µs", (3.0, 1.0, 2.0), at_most=2.5, note="per piece")
    head = {"cpu": "abacus", "cores": 1, "system": "none", "date": "today", "share_of_a_core": 1.0}
    printed = table(head | dict.fromkeys(("python", "torch", "numba", "numpy"), "0"), [rate, cost])
    (rate_line,) = [line for line in printed.splitlines() if line.startswith("rate of work")]
    (cost_line,) = [line for line in printed.splitlines() if line.startswith("cost of work  ")]
    assert rate_line.split()[3:] == ["1", "2", "3", "pieces/s", "≥", "2.5", "missed"]
    assert cost_line.split()[3:] == ["1", "2", "3", "µs", "≤", "2.5", "met"]
    assert printed.endswith("cost of work: per piece")


def test_turns_alternate_after_a_warm_up_and_ratios_pair_neighbours() -> None:
    taken: list[str] = []

    def taker(name: str) -> float:
        taken.append(name)
        return float(len(taken))

    ours, theirs = by_turns([lambda: taker("a"), lambda: taker("b")], rounds=2)
    assert "".join(taken) == "ababab"
    assert (ours, theirs) == ((3.0, 5.0), (4.0, 6.0))
    assert ratios(ours, theirs) == (3 / 4, 5 / 6)


def test_the_textbook_board_plays_by_the_rules() -> None:
    rules = Rules(5, 4)
    rng = np.random.default_rng(1)
    winners = set()
    for _ in range(60):
        board, textbook = Board(rules), TextbookBoard(rules)
        while board.outcome is None:
            assert not textbook.is_over
            assert textbook.legal_moves() == list(board.legal_moves())
            move = int(rng.choice(board.legal_moves()))
            board.push(move)
            textbook.push(move)
        assert textbook.is_over
        assert textbook.winner == board.outcome.winner
        winners.add(textbook.winner)
    assert winners == {1, 0, -1}


def test_the_textbook_asks_the_network_what_the_project_asks_it() -> None:
    network, rules = reference_network(S), Rules(8, 5)
    board, textbook = Board(rules), TextbookBoard(rules)
    for move in (27, 28, 35):
        board.push(move)
        textbook.push(move)
    moves, priors, value = TextbookSearch(network, rules).evaluate(textbook)
    expected = TorchEvaluator(network, "cpu").evaluate(positions_of([board]))
    assert np.allclose(priors, expected.priors[0, moves], atol=1e-6)
    assert abs(value - float(expected.values[0])) < 1e-5


def test_the_textbook_search_finds_a_winning_move_and_counts_its_simulations() -> None:
    network, rules = reference_network(S), Rules(6, 4)
    board = TextbookBoard(rules)
    for move in (0, 30, 1, 31, 2, 33):
        board.push(move)
    root = Node(None, 1.0)
    TextbookSearch(network, rules).run(root, board, 200, np.random.default_rng(1))
    visits = {move: child.visits for move, child in root.children.items()}
    assert sum(visits.values()) == 200
    assert max(visits, key=lambda move: visits[move]) == 3


def test_the_textbook_starts_again_after_a_game() -> None:
    self_play = TextbookSelfPlay(reference_network(S), Rules(3, 3), simulations=5, seed=1)
    assert [self_play.play_move() for _ in range(20)] == [5] * 20
