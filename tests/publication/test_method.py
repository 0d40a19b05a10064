"""The page about method prints the settings of the release: one number, one source."""

import re
from dataclasses import replace
from typing import Any

import golden
import pytest

from analysis.settings import Settings, Thresholds
from survey.publication.method import UNKNOWN, build_method
from survey.publication.payload import build_payload
from survey.publication.report.rendering import JOINER, compose

NBSP = "\u00a0"
# Each setting that the page prints, a value it does not have by default, and the words that then stand there.
PRINTED = [
    ("minimum_n", 40, "minst 40 personer"),
    ("minimum_n_eff", 35.0, "minst 35 och intervallet"),
    ("small_base_below", 80, "färre än 80 svar har en stjärna"),
    ("small_base_below", 80, "Bygger på 30–79 svar"),
    ("width_limit", 0.25, f"smalare än 25{NBSP}procentenheter"),
    ("width_always_shown", 0.07, f"bredare än 7{NBSP}procentenheter"),
    ("relative_width_limit", 1.1, "110 procent av andelen"),
    ("hidden_persons", 6, "inget tal där 1–6 personer"),
    ("hidden_persons_municipality", 3, "är gränsen 1–3."),
    ("alpha", 0.01, "högst 1 procent (Holms metod)"),
    ("power", 0.9, "i 90 fall av 100"),
    ("effective_count", 8.0, "färre än 8 effektiva svar"),
    ("mark_points", 0.01, f"minst 1{NBSP}procentenhet, eller"),
    ("mark_relative", 0.25, "25 procent av andelen i mätningen innan"),
    ("equivalence_points", 0.04, f"mindre än 4{NBSP}procentenheter, eller"),
    ("equivalence_relative", 0.4, "40 procent av andelen i mätningen innan"),
    ("headline_maximum", 4, "högst 4 och bestämda i förväg"),
]
CHOSEN: list[tuple[dict[str, Any], str]] = [
    ({"confidence": 0.9}, "ungefär 90 fall av 100"),
    ({"confidence": 0.9}, "med 90 % osäkerhetsintervall"),
    ({"trim_factor": 6.5}, "Vikter över 6,5 gånger kommunens medianvikt"),
    ({"trimming": "none"}, "Tunga vikter har inte sänkts."),
    ({"trimming": "spread"}, "fördelas lika på de andra"),
    ({"calibration": "linear"}, "en linjär kalibrering"),
    ({"calibration": "logit", "logit_bounds": (0.25, 4.0)}, "inom gränserna 0,25–4 gånger"),
    ({"calibration": "poststratification"}, "efter kön och ålder i kommunen."),
    ({"g_bounds": (0.4, 2.5)}, "utanför 0,4–2,5 gånger"),
    ({"cell_minimum": 7}, "färre än 7 svar slås ihop"),
    ({"area_minimum": 12}, "delområden med färre än 12 svar"),
    ({"response_group_minimum": 25}, "färre än 25 svar eller skulle"),
    ({"response_factor_limit": 3.5}, "mer än 3,5 gånger"),
    ({"interval": "korn-graubard"}, "Korn och Graubards intervall"),
    ({"interval": "wald"}, "ett symmetriskt intervall"),
    ({"linearization": "deville-sarndal"}, "enligt Deville och Särndal"),
]


def page(settings: dict[str, Any], disclosure: str = "primary and secondary") -> str:
    released = golden.release(areas=2)
    release = replace(released.release, settings=settings, disclosure=disclosure)
    text = compose(build_payload(replace(released, release=release))).replace(JOINER, "")
    return re.sub(r"\s*\n\s*", " ", text)


@pytest.fixture(scope="module")
def default_page() -> str:
    return page(Settings.default().as_dict())


@pytest.mark.parametrize(("name", "value", "words"), PRINTED)
def test_a_threshold_changed_in_the_manifest_changes_the_page(
    name: str, value: Any, words: str, default_page: str
) -> None:
    settings = replace(Settings.default(), thresholds=replace(Thresholds(), **{name: value})).as_dict()
    assert words not in default_page
    assert words in page(settings)


@pytest.mark.parametrize(("changed", "words"), CHOSEN)
def test_the_way_that_was_chosen_is_the_way_that_is_told(
    changed: dict[str, Any], words: str, default_page: str
) -> None:
    assert words not in default_page
    assert words in page(replace(Settings.default(), **changed).as_dict())


def test_the_default_method_is_told_as_it_is(default_page: str) -> None:
    for words in (
        "en kalibrering (raking)",
        "Wilsons intervall på det effektiva antalet svar",
        "Vikter över 5 gånger kommunens medianvikt sänks dit",
        "I den här kommunen sänktes vikten för 1,2 procent av svaren.",
        f"är minst 2{NBSP}procentenheter, eller 20 procent av andelen",
        f"mindre än 5{NBSP}procentenheter, eller 50 procent av andelen",
        "Ett tal visas när minst 30 personer har svarat på frågan",
        "de som aldrig svarar kan skilja sig från dem som gör det",
        "delområden av mycket olika storlek, är risken några procentenheter större.",
    ):
        assert words in default_page


def test_the_reference_profile_tells_of_its_own_families_and_tests() -> None:
    text = page(Settings.reference().as_dict())
    assert "Alla mått prövas tillsammans" in text
    assert "Holms metod" not in text
    assert "effektiva svar är av det ena slaget" not in text
    assert "I det andra steget slås grupper ihop" not in text


def test_disclosure_control_is_what_the_manifest_says() -> None:
    settings = Settings.default().as_dict()
    both = page(settings)
    assert "genom att dra visade tal från varandra" in both
    assert "ska kunna ha svarat hur som helst, från ingen till alla" in both
    other = page(settings, "something else")
    assert "genom att dra visade tal från varandra" not in other
    assert "enligt utgåvans underlag: something else." in other


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.0, "sänktes ingen vikt."), (0.005, "sänktes vikten för 0,5 procent av svaren."), (None, "")],
)
def test_the_share_of_weights_cut_is_that_of_the_municipality(share: float | None, words: str) -> None:
    text = build_method(golden.release(areas=0).release, share).weights[-1]
    assert words in text
    assert ("I den här kommunen" in text) is (share is not None)


def test_a_release_without_settings_claims_nothing() -> None:
    released = golden.release(areas=2)
    release = replace(released.release, settings={})
    report = build_payload(replace(released, release=release))
    assert report.method.weights == report.method.interval == report.method.changes == (UNKNOWN,)
    text = compose(report)
    assert "med osäkerhetsintervall" in text
    assert not re.search(r"\b(95|30) (fall|personer|svar)", text)
