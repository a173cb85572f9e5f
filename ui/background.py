"""The thread in which a player thinks while somebody looks on.

Owns what it yields: on Linux, keys and messages go before thoughts, also where the search has all cores at work.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

STEPS_BACK = 5
"""In niceness, of the thinking thread and of those that it starts, as inference does. On an otherwise idle machine
it costs nothing."""


def thinking_thread() -> ThreadPoolExecutor:
    """One thread, that takes one question after the other."""
    return ThreadPoolExecutor(1, thread_name_prefix="thinker", initializer=_stand_back)


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere niceness is the whole process's
        os.nice(STEPS_BACK)
