"""Which option is meant, however it is said."""

import pytest

from actions.option_number import option_position


@pytest.mark.parametrize(
    ("value", "position"),
    [
        ("1", 0),
        ("3", 2),
        ("２", 1),
        ("③", 2),
        ("一", 0),
        ("两", 1),
        ("第二", 1),
        ("第 2", 1),
        ("第十", 9),
        ("十一", 10),
        ("二十", 19),
        ("12", 11),
        ("最后一个", 19),
        ("最后那个", 19),
        ("最后", 19),
        ("倒数第一", 19),
        ("倒数第二", 18),
        ("倒数3", 17),
    ],
)
def test_a_number_names_an_option(value: str, position: int) -> None:
    assert option_position([value], 20) == position


@pytest.mark.parametrize("values", [[], ["0"], ["4"], ["第四"], ["倒数第四"], ["1", "2"], ["个"]])
def test_what_names_none_of_three_is_not_guessed(values: list[str]) -> None:
    assert option_position(values, 3) is None


def test_an_ordinal_outweighs_a_plain_number() -> None:
    assert option_position(["一", "第二"], 3) == 1


def test_the_same_number_twice_is_clear() -> None:
    assert option_position(["2", "２"], 3) == 1


@pytest.mark.parametrize("value", ["百", "²²x", "十十", "-1", "1.5", ""])
def test_nonsense_is_no_number(value: str) -> None:
    assert option_position([value], 99) is None
