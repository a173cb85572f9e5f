"""A network made larger without a change in what it says: where learning goes on when the smaller one is full.

Owns which shapes one can grow into.
"""

from dataclasses import replace

from nets.config import NetworkConfig, Weights
from nets.network import build_network, weights_of


def grow_weights(old: NetworkConfig, weights: Weights, new: NetworkConfig) -> Weights:
    """The weights of a larger network that answers every position as the smaller one does.

    It may have more residual blocks, which start as the identity, and look at open lines, of which its stem makes
    nothing at first. What else is new is drawn from torch's global random stream.

    Raises:
      ValueError: it differs in something else, or is smaller.
    """
    alike = replace(new, blocks=old.blocks, line_planes=old.line_planes)
    if alike != old or new.blocks < old.blocks or (old.line_planes and not new.line_planes):
        raise ValueError("a network can only grow by blocks and by line_planes")
    return weights_of(build_network(new)) | dict(weights)
