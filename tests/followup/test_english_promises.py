"""What is said of promises in the English report: the same outcomes and figures, no Swedish words."""

import re
from dataclasses import replace
from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest

from analysis.targets import Ground, Judgement, Outcome
from survey.followup.promises import wording
from survey.followup.promises.assessment import Assessment
from survey.followup.promises.series_values import Noted
from survey.models.promise import GoalKind, PromiseVersion
from survey.publication.content import ChangeFigure, Figure
from survey.publication.followed import BESIDE, ChangeBeside, FollowedWave
from survey.publication.speech import speaking

SHOWN = Figure("39 %", "35–43", "400", 39, 35, 43)
HIDDEN = Figure("..", "", "", None, None, None)
WAYS = {"up": "increased", "down": "decreased", "unchanged": "unchanged", "too_uncertain": "not possible"}
SWEDISH = re.compile(r"[åäöÅÄÖ]|\b(och|har|med|är|det|andelen|målet|sedan|procent)\b", re.IGNORECASE)


def change(verdict: str) -> ChangeFigure:
    return ChangeFigure(verdict, "", "", "", 5.0, 2.0, 8.0)


def followed(figure: Figure, verdict: str, beside: tuple[ChangeBeside, ...] = ()) -> FollowedWave:
    wave = cast(Any, SimpleNamespace(field_start=date(2019, 9, 2)))
    return FollowedWave(wave, True, figure, change(verdict), "2018", False, beside)


def goal(**more: object) -> PromiseVersion:
    blank = {"kind": "survey", "gender": "all", "age_group": "all", "target": 35.0, "direction": "down"}
    about = {"indicator": "unsafe_evening", "unit": "fall", "series": "Larm", "baseline_source": "SOS"}
    return PromiseVersion(**{**blank, **about, "baseline": 12.0, **more})


def said(text: PromiseVersion, found: Assessment) -> str:
    return " ".join((*wording.outcome_sentences(text, found), *wording.beside_sentences(found)))


@pytest.mark.parametrize(("ground", "verdict"), [*product(Ground, WAYS)])
def test_every_outcome_is_told_in_english_by_its_verdict_alone(ground: Ground, verdict: str) -> None:
    beside = tuple(
        ChangeBeside(against, change(verdict), way)
        for against, way in zip(BESIDE.values(), ("above", "below", "no_certain_difference"), strict=True)
    )
    figure = HIDDEN if ground is Ground.HIDDEN else SHOWN
    found = Assessment(
        Judgement(Outcome.CANNOT_TELL, ground),
        final=True,
        baseline=followed(SHOWN, ""),
        latest=followed(figure, verdict, beside),
        tested=True,
    )
    swedish = said(goal(), found)
    with speaking("en"):
        english = said(goal(), found)
        untested = said(goal(), replace(found, tested=False))
    assert not SWEDISH.search(english + untested), english
    assert re.findall(r"\d+", english) == re.findall(r"\d+", swedish)
    if ground in (Ground.BEYOND, Ground.SHORT, Ground.OPPOSITE):
        here = english.removesuffix(f" {beside_words(found)}")
        assert {way for way, word in WAYS.items() if word in here} == {verdict}
        assert "has not been tested" in untested


def beside_words(found: Assessment) -> str:
    with speaking("en"):
        return " ".join(wording.beside_sentences(found))


def test_goals_of_every_kind_are_told_in_english() -> None:
    day = date(2019, 3, 1)
    number = Noted(on_day=day, value=9.0, done=None, source="SOS")
    done, not_done = (Noted(on_day=day, value=None, done=way, source="Gata") for way in (True, False))
    series, activity = goal(kind=GoalKind.SERIES, direction="up"), goal(kind=GoalKind.ACTIVITY)
    nothing = Assessment(Judgement(Outcome.CANNOT_TELL, Ground.NOT_YET), final=True)
    with speaking("en"):
        level = wording.level_words(followed(HIDDEN, ""))
        start = followed(SHOWN, "")
        women = wording.goal_sentence(goal(gender="woman", age_group="16-29"), "Area 2", start)
        number_told = wording.goal_sentence(series, "", None)
        told = [said(series, replace(nothing, result=number)), said(series, nothing), said(activity, nothing)]
        told += [said(activity, replace(nothing, result=one)) for one in (done, not_done)]
        told.append(wording.goal_sentence(activity, "", None))
    assert "(women, 16–29 years, Area 2) is to be at most 35\u00a0percent. Starting point: 39" in women
    assert number_told == "Larm is to be at least 35\u00a0fall. Starting point: 12\u00a0fall (SOS)."
    assert not any(SWEDISH.search(text) for text in (level, women, number_told, *told)), told
