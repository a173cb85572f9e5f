"""What holds for the whole suite."""

import torch

# One thread a call: on a busy machine torch's own threads wait for each other a hundred times longer than they work.
torch.set_num_threads(1)
