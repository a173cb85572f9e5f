"""How actors on a cluster are asked for, what is refused, and what a resumed run may change; without Ray."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gomoku.errors import CheckpointError
from training.actor_kinds import make_actors
from training.actor_processes import ProcessActors
from training.actors import InProcessActors
from training.config import RayConfig, SelfPlayConfig, TrainConfig
from training.run_folder import RunFolder, check_changes, read_config
from training.start import open_run

SMALL = ["--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu", "--backend=torch"]
FIXED = [*SMALL, "--precision=float32", "--learner.precision=float32"]
ON_TWO = TrainConfig(self_play=SelfPlayConfig(actors=2, threads=1, games=2))


def opened(folder: Path, *arguments: str) -> TrainConfig:
    return open_run(["--run", str(folder), *FIXED, *arguments]).config


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["--actors=ray:3"], "local"),
        (["--actors", "ray:3"], "local"),
        (["--actors", "ray:3", "--ray-address", "10.0.0.1:6379"], "10.0.0.1:6379"),
        (["--ray-address=10.0.0.1:6379", "--actors=ray:3"], "10.0.0.1:6379"),
        (["--ray-address=auto", "--actors=3"], "auto"),
        (["--actors=3"], "none"),
    ],
)
def test_the_short_options_name_number_and_place_of_actors(
    arguments: list[str], address: str, tmp_path: Path
) -> None:
    config = opened(tmp_path / "run", *arguments)
    assert (config.self_play.actors, config.ray.address) == (3, address)
    assert read_config(RunFolder(tmp_path / "run")) == config


def test_resources_of_an_actor_are_settings(tmp_path: Path) -> None:
    config = opened(tmp_path / "run", "--actors=ray:8", "--ray.cpus=0.5", "--ray.gpus=0.25", "--ray.max_behind=3")
    assert config.ray == RayConfig(address="local", cpus=0.5, gpus=0.25, max_behind=3)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--actors=ray:0"], "--actors is ray:0, it must be N, -1 or ray:N"),
        (["--actors=ray:"], "--actors is ray:, it must be N, -1 or ray:N"),
        (["--actors", "ray:-1"], "--actors is ray:-1, it must be N, -1 or ray:N"),
        (["--ray-address=auto"], "^self_play.actors is 0, it must be N or ray:N where --ray-address is auto$"),
        (["--actors=ray:2", "--ray-address=ray://x:1"], "address is ray://x:1, it must be none, local, auto or HOST"),
        (["--actors=ray:2", "--ray.cpus=-1"], "cpus is -1"),
        (["--actors=ray:2", "--ray.max_behind=0"], "max_behind is 0, it must be 1 or more"),
        (["--actors=ray:2", "--ray.cpus=.inf"], "cpus is inf, it must be 0 or more, and finite"),
        (["--learner.reuse=.inf"], "reuse is inf, it must be above 0 and finite"),
        (["--self_play.random_plies=1000000"], "random_plies is 1000000, it must be 0 to 484"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        opened(tmp_path / "run", *arguments)
    assert not (tmp_path / "run").exists()


def test_a_resumed_run_may_move_to_a_cluster_but_keeps_the_number_of_its_shares() -> None:
    moved = replace(ON_TWO, ray=RayConfig(address="auto", gpus=0.5))
    check_changes(ON_TWO, moved)
    check_changes(moved, ON_TWO)
    more = replace(moved, self_play=replace(ON_TWO.self_play, actors=1))
    with pytest.raises(CheckpointError, match="a resumed run keeps its self_play; only device, ray, "):
        check_changes(ON_TWO, more)


def test_the_kind_of_actors_is_the_settings(tmp_path: Path) -> None:
    for config, kind in (
        (TrainConfig(self_play=SelfPlayConfig(threads=1)), InProcessActors),
        (ON_TWO, ProcessActors),
    ):
        actors = make_actors(config, tmp_path)
        assert isinstance(actors, kind)
        actors.close()


def test_without_ray_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "training.actors_ray", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"Ray, which is not installed: python -m pip install -e '\.\[ray\]'"):
        make_actors(replace(ON_TWO, ray=RayConfig(address="local")), tmp_path)


def test_an_address_where_no_cluster_is_is_told_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    with pytest.raises(ValueError, match=r"^no Ray cluster at 127.0.0.1:9: .*refused$"):
        make_actors(replace(ON_TWO, ray=RayConfig(address="127.0.0.1:9")), tmp_path)
