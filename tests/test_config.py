"""The settings of an installation come from its environment."""

from survey.config import Settings


def test_the_number_to_call_can_be_set_and_is_an_example_otherwise() -> None:
    assert Settings.from_environment({"TRYGG_HELP_PHONE": " 020-123 45 67 "}).help_phone == "020-123 45 67"
    for unset in ({}, {"TRYGG_HELP_PHONE": " "}):
        assert Settings.from_environment(unset).help_phone == "08-465 004 00"
