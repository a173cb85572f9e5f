"""Ranges of settings: a value outside its own is told in one line, with what is allowed."""


def check(is_right: bool, name: str, value: object, allowed: str) -> None:
    """Refuses a setting; the line begins with its name, before which whoever knows its group can put that.

    Raises:
      ValueError: it is not right.
    """
    if not is_right:
        raise ValueError(f"{name} is {value}, it must be {allowed}")


def check_ranges(settings: object, **ranges: tuple[float, float]) -> None:
    """Refuses a field below its least value or above its greatest one.

    Args:
      ranges: both by the name of the field.

    Raises:
      ValueError: with the field.
    """
    for name, (least, most) in ranges.items():
        value = getattr(settings, name)
        check(least <= value <= most, name, value, f"{least} to {most}")
