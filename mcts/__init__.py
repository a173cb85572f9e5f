"""The search: one tree as arrays, compiled kernels, PUCT; pure MCTS is the same tree with random rollouts."""
