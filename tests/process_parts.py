"""What tests say of other processes, and hear from them."""

import os
import subprocess
from typing import Any


def is_alive(process: int) -> bool:
    """Whether it runs; one that only waits to be buried does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")


def read_until(process: subprocess.Popen[Any], text: str) -> None:
    """Waits until it has said so on standard error; fails where it ends before."""
    assert process.stderr is not None
    shown = b""
    while text.encode() not in shown:
        chunk = os.read(process.stderr.fileno(), 4096)
        assert chunk, shown
        shown += chunk
