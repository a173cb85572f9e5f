"""Point codes and open lines turned into planes on torch's device."""

import torch
from torch import Tensor
from torch.nn import functional

from nets.inputs import NUM_PLANES, PLANES_OF_CODE
from nets.lines import NUM_LINE_PLANES


def planes_of(codes: Tensor, size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Turns point codes `[B, A]` into planes `[B, NUM_PLANES, size, size]`, channels last.

    Args:
      codes: uint8, on any device; the planes are made there.
    """
    table = torch.tensor(PLANES_OF_CODE, dtype=dtype, device=codes.device)
    planes = functional.embedding(codes.int(), table)
    return planes.view(len(codes), size, size, NUM_PLANES).permute(0, 3, 1, 2)


def line_planes_of(lines: Tensor, size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Turns open lines `[B, A, NUM_LINE_PLANES]` into planes `[B, NUM_LINE_PLANES, size, size]`, channels last.

    Args:
      lines: uint8, on any device; the planes are made there.
    """
    return lines.to(dtype).view(len(lines), size, size, NUM_LINE_PLANES).permute(0, 3, 1, 2)
