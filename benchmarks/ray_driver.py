"""The program that holds a run on a cluster, killed and resumed: nothing that was finished is lost."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ray_nodes import DEADLINE, FaultError, Nodes, wait_until
from nets.tensor_file import read_tensors
from training.run_folder import RunFolder

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [
    *("--network.blocks=1", "--network.channels=8", "--network.pool_every=0", "--device=cpu", "--backend=openvino"),
    *("--precision=float32", "--learner.precision=float32", "--iteration_positions=60"),
    *("--self_play.simulations=4", "--self_play.games=8", "--actors=ray:2", "--learner.batch_size=32"),
    *("--replay.window_start=100000", "--seed=3", "--check.every=0"),
]


def kill_driver(nodes: Nodes, folder: Path) -> str:
    """train.py is killed on the cluster, and resumed on its checkpoint."""
    run, host = folder / "run", nodes.add(cpus=2)
    before = nodes.actor_processes()
    with _train("--run", str(run), *SETTINGS, f"--ray-address={nodes.address}") as process:
        wait_until(lambda: len(_metrics(run)) >= 2 or process.poll() is not None, "train.py did two iterations")
        mine = nodes.actor_processes() - before
        _check(process.poll() is None, lambda: f"train.py ended by itself: {_last_words(process)}")
        process.kill()
    finished = _finished_games(run)
    wait_until(lambda: not nodes.actor_processes() & mine, "the actors of a dead driver ended")
    with _train("--resume", str(run), f"--max_iterations={len(_metrics(run)) + 2}") as process:
        process.wait(DEADLINE)
        _check(process.returncode == 0, lambda: f"train.py --resume: {_last_words(process)}")
    now = _finished_games(run)
    _check(now > finished, lambda: f"{finished} games were finished, {now} are left")
    wait_until(lambda: not nodes.actor_processes() - before, "the actors of a finished run ended")
    nodes.kill(host)
    nodes.wait_until_noticed()
    return f"{finished} games before, {now} after"


@contextmanager
def _train(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "train.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def _last_words(process: subprocess.Popen[bytes]) -> str:
    return process.communicate()[1].decode()[-500:]


def _check(is_so: bool, complaint: Callable[[], str]) -> None:
    if not is_so:
        raise FaultError(complaint())


def _metrics(run: Path) -> list[str]:
    file = run / "metrics.jsonl"
    return file.read_text().splitlines() if file.exists() else []


def _finished_games(run: Path) -> int:
    """Games in the replay segments of the iterations that are finished, each in one of them."""
    newest = max((int(file.stem) for file in (run / "checkpoints").glob("*.safetensors")), default=0)
    numbers: list[int] = []
    for file, iteration in RunFolder(run).replays().items():
        if iteration <= newest:
            numbers += set(read_tensors(file).tensors["game"].tolist())
    if len(set(numbers)) < len(numbers):
        raise FaultError("a game was learnt in two iterations")
    return len(numbers)
