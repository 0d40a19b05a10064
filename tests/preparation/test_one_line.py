"""What counts as one line of text."""

import pytest

from survey.preparation.one_line import one_line


def test_blanks_and_line_ends_are_folded() -> None:
    assert one_line("  Fel\r\n i\tunderlaget ", 17) == "Fel i underlaget"


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 11, "före\x00efter", "a\u200eb"])
def test_what_is_missing_too_long_or_cannot_be_seen_is_nothing(text: str) -> None:
    assert one_line(text, 10) == ""


def test_the_longest_line_counts_what_is_kept() -> None:
    assert one_line("  12345   7890  ", 10) == "12345 7890"
