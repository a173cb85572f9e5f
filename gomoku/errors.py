"""What can go wrong with what people and programs hand in. The text holds the input and what is allowed."""


class IllegalMoveError(ValueError):
    """A move that the rules do not allow in this position."""


class NotationError(ValueError):
    """A text that is not a point or a list of moves."""


class RecordError(ValueError):
    """A game record that cannot be read."""


class PlayerSpecError(ValueError):
    """A text that names no player."""


class ModelFileError(ValueError):
    """A file that is not a whole and genuine model of this project."""


class CheckpointError(ValueError):
    """A training run that cannot be started or resumed as asked."""
