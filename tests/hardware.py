"""What some tests need of the machine."""

import pytest

from nets.openvino_evaluator import has_bfloat16

needs_bfloat16 = pytest.mark.skipif(not has_bfloat16(), reason="this CPU does not compute in bfloat16 itself")
