"""Learning from zero: self-play, replay buffer, learner, checkpoints, and the loop over them."""
