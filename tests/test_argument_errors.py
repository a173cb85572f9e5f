"""What `train.py` says of a setting that its parser does not take."""

import jsonargparse
import pytest

from training.argument_errors import plain_words
from training.run_folder import config_parser


@pytest.fixture(scope="module")
def parser() -> jsonargparse.ArgumentParser:
    return config_parser()


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--self_play.games=1.5", "--self_play.games 1.5 is not a whole number"),
        ("--search.c_puct_init=nan", "--search.c_puct_init nan is not a number"),
        ("--search.solver=maybe", "--search.solver maybe is not true or false"),
        ("--search.fpu_reduction=x", "--search.fpu_reduction x is not a number or null"),
        ("--stages=foo", "--stages foo is not a list in JSON"),
        ("--learner.optimizer=adam", "--learner.optimizer adam is not one of adamw, sgd"),
        ("--network=x", "--network x is not settings in JSON; each has an option of its own, as --help lists them"),
        ("--games=1", "unrecognized arguments: --games=1 (--help lists the options)"),
    ],
)
def test_a_value_of_another_kind_is_told_with_what_is_allowed(
    parser: jsonargparse.ArgumentParser, argument: str, words: str
) -> None:
    with pytest.raises(jsonargparse.ArgumentError) as raised:
        parser.parse_args([argument])
    assert plain_words(raised.value) == words
