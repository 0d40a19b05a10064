"""The settings of an installation come from its environment."""

from dataclasses import replace

import pytest

from survey import create_app
from survey.collection import attempts
from survey.config import Settings
from survey.errors import UserError


def test_the_number_to_call_can_be_set_and_is_an_example_otherwise() -> None:
    assert Settings.from_environment({"TRYGG_HELP_PHONE": " 020-123 45 67 "}).help_phone == "020-123 45 67"
    assert Settings.from_environment({"TRYGG_HELP_HOURS": " 8.30-12 "}).help_hours == "8.30–12"
    with pytest.raises(UserError, match="TRYGG_HELP_HOURS ska vara klockslag"):
        Settings.from_environment({"TRYGG_HELP_HOURS": "när vi hinner"})
    for unset in ({}, {"TRYGG_HELP_PHONE": " "}):
        assert Settings.from_environment(unset).help_phone == "08-465 004 00"


@pytest.mark.parametrize("wrong", ["trygg.example.se", "https://", "https:///x", "http://[::1", "ftp://x"])
def test_an_address_without_a_host_is_told(wrong: str) -> None:
    with pytest.raises(UserError, match="TRYGG_BASE_URL"):
        Settings.from_environment({"TRYGG_BASE_URL": wrong})


@pytest.mark.parametrize("wrong", ["-1", "ja", "10", "²"])
def test_a_wrong_number_of_proxies_is_told(wrong: str) -> None:
    with pytest.raises(UserError, match="TRYGG_PROXIES"):
        Settings.from_environment({"TRYGG_PROXIES": wrong})


def test_the_largest_register_is_a_gigabyte_unless_it_is_set() -> None:
    assert Settings.from_environment({}).largest_register == 10**9
    assert Settings.from_environment({"TRYGG_LARGEST_REGISTER": "50"}).largest_register == 50 * 10**6


@pytest.mark.parametrize("wrong", ["0", "-1", "1 GB", "1234567", "²"])
def test_a_wrong_limit_of_registers_is_told(wrong: str) -> None:
    with pytest.raises(UserError, match="TRYGG_LARGEST_REGISTER"):
        Settings.from_environment({"TRYGG_LARGEST_REGISTER": wrong})


@pytest.mark.parametrize(("proxies", "believed"), [("0", "127.0.0.1"), ("1", "192.0.2.7"), ("2", "10.0.0.1")])
def test_the_address_a_proxy_passes_on_is_believed_only_when_the_proxy_is_ones_own(
    settings: Settings, proxies: str, believed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(attempts, "network_of", lambda address: asked.append(address) or "one")
    own = replace(settings, proxies=Settings.from_environment({"TRYGG_PROXIES": proxies}).proxies)
    app = create_app(own)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client().post(
        "/", data={"code": "0000-0000-0000"}, headers={"X-Forwarded-For": "203.0.113.1, 10.0.0.1, 192.0.2.7"}
    )
    app.extensions["databases"].dispose()
    assert asked == [believed]


def test_reports_are_written_in_further_languages_that_there_are() -> None:
    assert Settings.from_environment({"TRYGG_REPORT_LANGUAGES": "en, en"}).report_languages == ("en",)
    with pytest.raises(UserError, match="TRYGG_REPORT_LANGUAGES kan vara en"):
        Settings.from_environment({"TRYGG_REPORT_LANGUAGES": "fi"})
