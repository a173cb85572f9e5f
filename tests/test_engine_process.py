"""The process of an outside engine: its lines, and its end with everything that it started."""

import sys
import time

import pytest
from process_parts import is_alive

from arena.engine_process import EngineError, EngineProcess


@pytest.mark.parametrize("way", ["end", "close"])
def test_the_whole_process_group_is_gone_when_an_engine_is(way: str) -> None:
    program = "import subprocess,sys; p=subprocess.Popen(['sleep','60']); print(p.pid, flush=True); sys.stdin.read()"
    process = EngineProcess([sys.executable, "-c", program])
    child = int(process.receive(time.monotonic() + 10))
    assert is_alive(child)
    getattr(process, way)()
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(child)
    process.close()
    with pytest.raises(EngineError, match="was killed"):
        process.receive(time.monotonic() + 1)


@pytest.mark.parametrize("pipe", ["input", "output"])
def test_an_engine_that_closes_a_pipe_and_goes_on_is_told_which(pipe: str) -> None:
    number = ("input", "output").index(pipe)
    process = EngineProcess([sys.executable, "-c", f"import os, time; os.close({number}); time.sleep(60)"])
    try:
        with pytest.raises(EngineError, match=f"^closed its {pipe}$"):
            talk(process, listens=pipe == "output")
    finally:
        process.close()


def talk(process: EngineProcess, *, listens: bool) -> None:
    while True:
        process.send("MESSAGE")
        if listens:
            process.receive(time.monotonic() + 10)


def test_an_engine_that_reads_nothing_cannot_block_the_manager() -> None:
    process = EngineProcess([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with pytest.raises(EngineError, match="does not read"):
            process.send("x" * 2_000_000, seconds=0.2)
    finally:
        process.close()
