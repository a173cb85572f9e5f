"""What torch computes on: which devices are here, and how each says that its memory is full."""

import torch


def find_device(name: str) -> torch.device:
    """The device of this name; "auto" is CUDA, else MPS, else the CPU.

    Raises:
      ValueError: there is none of this name here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device).cpu()  # "meta" computes nothing
    except (RuntimeError, AssertionError, NotImplementedError):
        raise ValueError(f"device {name!r} is not here; there is auto and {', '.join(_devices())}") from None
    return device


def _devices() -> list[str]:
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [name for name, is_present in present.items() if is_present]


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a smaller batch might do. CUDA has a class for it; a CPU and MPS say it in words."""
    words = str(error)
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in words or "out of memory" in words
