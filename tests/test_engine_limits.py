"""What an outside program may not take: memory and output. Time, its process group and what a shell would do are in
`test_gomocup_player`. How it ends with whoever started it."""

import signal
import subprocess
import sys
import time

import pytest
from process_parts import is_alive

from arena import engine_process
from arena.engine_process import MAX_LINE, MAX_OUTPUT, EngineError, EngineProcess

SECONDS = 20.0
"""Generous: on a busy machine an interpreter alone takes some of them to start."""


def start(program: str) -> EngineProcess:
    return EngineProcess([sys.executable, "-c", program])


def hear(engine: EngineProcess) -> str:
    return engine.receive(time.monotonic() + SECONDS)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit the memory of another process")
def test_a_program_that_takes_all_memory_gets_none_and_so_do_those_that_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_process, "MAX_MEMORY", 200 * 10**6)
    hog = "import sys; sys.stdin.readline(); len(bytearray(10**9)); print('took it', flush=True)"
    for program in (hog, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hog!r}], check=True)"):
        engine = start(program)
        engine.send("TAKE")
        with pytest.raises(EngineError, match="ended with status 1"):
            hear(engine)
        assert "! MemoryError" in engine.last_lines or "CalledProcessError" in engine.last_lines[-1]
        engine.close()


def test_a_line_without_an_end_is_cut_and_in_the_end_a_flood() -> None:
    engine = start("import sys\nwhile True: sys.stdout.write('x' * 100_000)")
    with pytest.raises(EngineError, match="flooded its output with more than 4 MB"):
        hear(engine)
    assert len(engine._partial[engine._stdout]) <= MAX_LINE
    engine.close()


def test_a_program_that_talks_and_does_not_listen_is_not_listened_to_for_ever() -> None:
    engine = start("import sys\nwhile True: sys.stdout.write('x' * 999 + '\\n')")
    with pytest.raises(EngineError, match=r"flooded|does not read"):
        engine.send("y" * 10**7, seconds=SECONDS)
    assert sum(map(len, engine._lines)) <= MAX_OUTPUT + 2**20
    engine.close()


MANAGER = """
import sys, time
from arena.engine_process import EngineProcess
from gomoku.leaving import heed_signals, leave_at_once
heed_signals()
engine = EngineProcess([sys.executable, "-c", sys.argv[1]])
print(engine.receive(time.monotonic() + 60), flush=True)
if sys.argv[2] == "leave":
    leave_at_once(3)
if sys.argv[2] == "end":
    sys.exit(3)
time.sleep(60)
"""
DEAF = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP", "leave", "end"])
def test_an_engine_that_hears_nothing_ends_with_the_process_that_started_it(ending: str) -> None:
    command = [sys.executable, "-c", MANAGER, DEAF, ending]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as manager:
        assert manager.stdout is not None
        engine = int(manager.stdout.readline())
        if ending.startswith("SIG"):
            manager.send_signal(getattr(signal, ending))
        assert manager.wait(SECONDS) == (-getattr(signal, ending) if ending.startswith("SIG") else 3)
    deadline = time.monotonic() + SECONDS
    while is_alive(engine):
        assert time.monotonic() < deadline
        time.sleep(0.02)
