"""Games that a player loses without a move: on time, by a crash, by an illegal move."""

from gomoku.records import GameRecord


def is_forfeit(record: GameRecord) -> bool:
    """Whether a game of the arena, where nobody resigns, was lost without a move."""
    return record.replay().outcome is None


def forfeit_text(name: str, count: int) -> str:
    return f"{name} lost {count} game{'' if count == 1 else 's'} without a move (time, crash or illegal move)."
