"""What tests say of other processes."""

import subprocess


def is_alive(process: int) -> bool:
    """Whether it runs; one that only waits to be buried does not."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")
