"""A run that does not fit into the machine's memory is refused before it starts, with what would fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gomoku.rules import parse_rules
from mcts.config import NO_TACTICS, PLAY_TACTICS, SearchConfig
from mcts.evaluator import UniformEvaluator
from mcts.search import Search
from training.actor_memory import TooLittleMemoryError, available_memory, check_memory, needs_of
from training.config import RayConfig, TrainConfig
from training.presets import PRESETS
from training.self_play import nodes_per_game
from training.start import open_run

GIGABYTE = 10**9


def with_self_play(preset: str = "15x15", **changes: int) -> TrainConfig:
    config = replace(PRESETS[preset], backend="openvino")
    return replace(config, self_play=replace(config.self_play, **changes)).with_threads_fixed()


def files(root: Path, contents: dict[str, str]) -> Path:
    for name, text in contents.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_trees_are_counted_as_large_as_they_are_made() -> None:
    config = with_self_play(games=3)
    rules, nodes = parse_rules(config.rules), nodes_per_game(config.self_play.simulations)
    made = []
    for tactics in (NO_TACTICS, PLAY_TACTICS):
        tree = Search(rules, UniformEvaluator(), SearchConfig(tactics=tactics), 3, nodes)._tree
        made.append(sum(np.asarray(array).nbytes for array in tree))
    assert made[0] <= needs_of(config).trees < 1.2 * made[0]
    assert 0.9 * made[1] < needs_of(config).trees < 1.1 * made[1]


def test_leaves_of_one_network_call_are_counted_as_large_as_they_are_made() -> None:
    config = with_self_play(games=3)
    rules, search = parse_rules(config.rules), replace(config.search, leaves_per_tree=1001)
    made = sum(np.asarray(array).nbytes for array in Search(rules, UniformEvaluator(), search, 3, 2)._leaves)
    more = needs_of(replace(config, search=search)).trees - needs_of(config).trees
    assert more == pytest.approx(made, rel=0.01)


def test_too_many_actors_are_refused_with_the_largest_number_that_fits() -> None:
    with pytest.raises(TooLittleMemoryError) as refusal:
        check_memory(with_self_play(actors=40), 4 * GIGABYTE)
    words = str(refusal.value)
    assert words == "40 actors with 256 games need 9.5 GB of memory and 4.0 GB are free: at most 16 fit"
    check_memory(with_self_play(actors=16), 4 * GIGABYTE)
    with pytest.raises(TooLittleMemoryError):
        check_memory(with_self_play(actors=17), 4 * GIGABYTE)


def test_remembered_evaluations_count_for_each_actor_and_thread() -> None:
    for kind in ({"actors": 4}, {"actors": 0, "threads": 4}):
        without, with_cache = with_self_play(**kind), with_self_play(**kind, cache_positions=1_000_000)
        assert 0.9e9 < needs_of(with_cache).per_actor - needs_of(without).per_actor < 1.1e9
        with pytest.raises(TooLittleMemoryError, match=r"4 (actors|threads) with .*: at most [12] fit$"):
            check_memory(with_cache, 3 * GIGABYTE)


@pytest.mark.parametrize("kind", [{"actors": 2}, {"actors": 0, "threads": 2}])
def test_trees_that_do_not_fit_are_refused_with_the_games_that_do(kind: dict[str, int]) -> None:
    with pytest.raises(TooLittleMemoryError, match="with 1 of them, at most ") as refusal:
        check_memory(with_self_play(**kind, simulations=10_000), 4 * GIGABYTE)
    games = int(str(refusal.value).split("at most ")[1].split()[0])
    check_memory(
        with_self_play(simulations=10_000, games=games, **{name: min(count, 1) for name, count in kind.items()}),
        4 * GIGABYTE,
    )


def test_presets_fit_into_a_small_machine_and_a_cluster_is_not_asked() -> None:
    for preset in PRESETS:
        check_memory(with_self_play(preset, actors=2), GIGABYTE)
    check_memory(replace(with_self_play(actors=256), ray=RayConfig("auto")), GIGABYTE)


def test_the_limit_of_a_control_group_counts_where_it_is_lower(tmp_path: Path) -> None:
    proc = files(tmp_path / "proc", {"meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"})
    assert available_memory(proc, tmp_path) == 8000 * 1024
    files(proc, {"self/cgroup": "3:cpu:/\n0::/jobs/one\n"})
    unlimited = {"jobs/one/memory.max": "max", "jobs/one/memory.current": "1000"}
    assert available_memory(proc, files(tmp_path / "groups", unlimited)) == 8000 * 1024
    stat = {"jobs/memory.stat": "anon 600\ninactive_file 300\n"}
    limited = {"jobs/memory.max": "5000", "jobs/memory.current": "1000", **stat}
    assert available_memory(proc, files(tmp_path / "groups", limited)) == 5000 - 1000 + 300


def test_the_older_form_of_control_groups_is_read_as_well(tmp_path: Path) -> None:
    proc = files(tmp_path / "proc", {"meminfo": "MemAvailable: 8000 kB\n", "self/cgroup": "4:memory:/job\n0::/\n"})
    limited = {"memory/job/memory.limit_in_bytes": "5000", "memory/job/memory.usage_in_bytes": "4500"}
    assert available_memory(proc, files(tmp_path / "groups", limited)) == 500


def test_a_run_is_refused_before_it_has_a_folder(tmp_path: Path) -> None:
    run = tmp_path / "run"
    large = ["--self_play.simulations=100000", "--self_play.games=4096", "--actors=1", "--learner.precision=float32"]
    engine = ["--backend=torch", "--precision=float32", "--device=cpu"]
    with pytest.raises(TooLittleMemoryError, match="1 actor with 4096 games needs 38"):
        open_run(["--run", str(run), "--preset=15x15", *large, *engine])
    assert not run.exists()
