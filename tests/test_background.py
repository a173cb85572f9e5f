"""The thread that thinks while somebody looks on."""

import os
import sys
import threading

import pytest

from ui.background import STEPS_BACK, thinking_thread


def niceness() -> int:
    """Of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is the whole process's")
def test_the_thinking_thread_and_what_it_starts_stand_back_and_nobody_else_does() -> None:
    before = niceness()
    found: list[int] = []

    def think() -> int:
        helper = threading.Thread(target=lambda: found.append(niceness()))
        helper.start()
        helper.join()
        return niceness()

    with thinking_thread() as thread:
        assert thread.submit(think).result() == min(before + STEPS_BACK, 19)
    assert found == [min(before + STEPS_BACK, 19)]
    assert niceness() == before
