"""Rules as data: their names, their ranges, and what they mean to the kernels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gomoku.rules import KernelRules, Rules, Variant, parse_rules

every_rules = st.one_of(
    st.builds(
        Rules,
        st.integers(6, 22),
        st.integers(3, 6),
        st.sampled_from([Variant.FREESTYLE, Variant.STANDARD]),
    ),
    st.integers(5, 22).map(lambda size: Rules(size, 5, Variant.RENJU)),
    st.integers(3, 5).map(lambda size: Rules(size, 3)),
)


@given(every_rules)
def test_the_name_of_any_rules_is_read_back(rules: Rules) -> None:
    assert parse_rules(rules.name) == rules


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("6x6x4", Rules(6, 4)),
        ("15x15", Rules(15, 5)),
        ("15x15x5", Rules(15, 5)),
        (" 8X8 ", Rules(8, 5)),
        ("standard-15x15", Rules(15, 5, Variant.STANDARD)),
        ("renju-15x15", Rules(15, 5, Variant.RENJU)),
        ("freestyle-20x20x6", Rules(20, 6)),
    ],
)
def test_rules_are_read_from_their_usual_names(text: str, rules: Rules) -> None:
    assert parse_rules(text) == rules


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "write them like 6x6x4"),
        ("15", "write them like"),
        ("chess", "write them like"),
        ("15x15x5x5", "write them like"),
        ("99999x99999", "write them like"),
        ("swap-15x15", "'swap' is not one of freestyle, standard, renju"),
        ("15x14", "must be square"),
        ("2x2x2", "board size 2 is not between 3 and 22"),
        ("23x23", "board size 23 is not between 3 and 22"),
        ("15x15x7", "win length 7 is not between 3 and 6"),
        ("15x15x2", "win length 2 is not between 3 and 6"),
        ("4x4", "win length 5 does not fit on a board of size 4"),
        ("renju-15x15x6", "renju is five in a row, not 6"),
    ],
)
def test_other_rules_are_refused_with_the_text_and_what_is_allowed(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        parse_rules(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("variant", "exact_black", "exact_white", "fouls"),
    [
        (Variant.FREESTYLE, False, False, False),
        (Variant.STANDARD, True, True, False),
        (Variant.RENJU, True, False, True),
    ],
)
def test_the_variants_differ_in_overlines_and_fouls(
    variant: Variant, exact_black: bool, exact_white: bool, fouls: bool
) -> None:
    assert Rules(15, 5, variant).compiled == KernelRules(15, 5, exact_black, exact_white, fouls)
