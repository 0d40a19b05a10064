"""The typed code: what is forgiven and what is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.collection.codes import ALPHABET, LENGTH, Code, MalformedCode, new_code, normalise, parse

characters = st.sampled_from(ALPHABET)
codes = st.builds(
    Code,
    st.text(characters, min_size=4, max_size=4),
    st.text(characters, min_size=7, max_size=7),
)


@given(codes)
def test_a_printed_code_reads_back_as_itself(code: Code) -> None:
    assert parse(str(code)) == code


@given(codes, st.integers(0, LENGTH - 1), characters)
def test_every_single_wrong_character_is_found(code: Code, place: int, other: str) -> None:
    whole = normalise(str(code))
    wrong = whole[:place] + other + whole[place + 1 :]
    if wrong == whole:
        assert parse(wrong) == code
    else:
        with pytest.raises(MalformedCode):
            parse(wrong)


@given(codes, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_any_two_characters_that_changed_places_are_found(code: Code, one: int, other: int) -> None:
    signs = list(normalise(str(code)))
    signs[one], signs[other] = signs[other], signs[one]
    swapped = "".join(signs)
    if swapped == normalise(str(code)):
        assert parse(swapped) == code
    else:
        with pytest.raises(MalformedCode):
            parse(swapped)


@given(codes, st.sampled_from(["", " ", "-", " - ", "–", "\u00a0"]), st.booleans())
def test_case_spaces_hyphens_and_lookalikes_are_forgiven(code: Code, between: str, lower: bool) -> None:
    typed = between.join(normalise(str(code))).replace("0", "O").replace("1", "l")
    assert parse(typed.lower() if lower else typed) == code


@given(codes)
def test_digits_of_an_arabic_keyboard_are_understood(code: Code) -> None:
    eastern = str(code).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert parse(eastern) == code


@given(st.text(max_size=300))
def test_whatever_is_typed_gives_a_code_or_a_clear_refusal(typed: str) -> None:
    try:
        code = parse(typed)
    except MalformedCode as refusal:
        assert "12 tecken" in str(refusal)
    else:
        assert parse(str(code)) == code


@pytest.mark.parametrize("typed", ["", "ABCD", "0" * 11, "0" * 13, "ABCD-EFGH-JKM!", "UUUU-UUUU-UUUU"])
def test_what_cannot_be_a_code_is_refused(typed: str) -> None:
    with pytest.raises(MalformedCode):
        parse(typed)


def test_new_codes_differ() -> None:
    assert len({str(new_code()) for _ in range(1000)}) == 1000
