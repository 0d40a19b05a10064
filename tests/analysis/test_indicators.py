"""Raw codes become indicators, each in its stated base."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import even_people, even_population, people_and_weights, random_survey, row, survey

from analysis.estimates import estimate
from analysis.indicators import measure
from analysis.settings import Settings
from analysis.weights import weigh


def test_dont_know_is_outside_the_base_unless_it_is_among_the_levels() -> None:
    people = even_people("0180-1", 80, 80, 40).assign(q=["1", "2", "8", ""] * 20)
    indicators = pd.DataFrame(
        {
            "indicator": ["cares", "cares_all"],
            "item": "q",
            "type": "binary",
            "yes": "1",
            "levels": ["1 2", "1 2 8"],
        }
    ).assign(dont_know=["8", ""])
    table = estimate(weigh(survey(people, even_population({("0180", "1"): 800}), indicators)))
    assert row(table, indicator="cares")["n"] == 40
    assert row(table, indicator="cares_all")["n"] == 60
    assert row(table, indicator="cares_all")["yes"] == 20


def test_derived_indicators_follow_their_recipes() -> None:
    people = even_people("0180-1", 80, 80, 0).assign(
        violence=["1", "2", "2", ""] * 20, threat=["2", "1", "2", ""] * 20, reported=["1", "2", "", ""] * 20
    )
    indicators = pd.DataFrame(
        [
            ("any", "", "any", "1", "1 2", "violence threat", ""),
            ("reported", "reported", "binary", "1", "1 2", "", "violence=1|threat=1"),
            ("ratio", "", "ratio", "1", "1 2", "reported violence", ""),
        ],
        columns=["indicator", "item", "type", "yes", "levels", "items", "base"],
    )
    table = estimate(weigh(survey(people, even_population({("0180", "1"): 800}), indicators)))
    assert (row(table, indicator="any")["n"], row(table, indicator="any")["yes"]) == (60, 40)
    assert (row(table, indicator="reported")["n"], row(table, indicator="reported")["yes"]) == (40, 20)
    assert (row(table, indicator="ratio")["n"], row(table, indicator="ratio")["yes"]) == (20, 20)


def test_what_is_made_of_several_items_is_made_only_where_all_of_them_were_asked() -> None:
    bundle = random_survey(5)
    responses = bundle.responses.assign(follow="", q=bundle.responses["q"].astype(str))
    first = responses["case_id"].isin(
        bundle.sample.loc[bundle.sample["stratum"].astype(str).str.startswith("0180"), "case_id"]
    )
    made = pd.DataFrame(
        {"indicator": ["any", "of_some", "score"], "item": "", "type": ["any", "any", "index"]}
    ).assign(yes=["1", "1", ""], levels="0 1", dont_know="8", items=["q r", "q follow", "q r"])
    routing = pd.DataFrame({"item": ["follow", "follow"], "base": ["r=8", "q=9"]})
    bundle = replace(bundle, indicators=pd.concat([bundle.indicators, made]).fillna(""))

    def have(asked: "pd.Series[bool]", routing: pd.DataFrame | None = None) -> list[tuple[bool, bool]]:
        """Whether each has figures in the first municipality, and in the other."""
        given = responses.assign(q=responses["q"].where(asked, ""))
        found = measure(replace(bundle, responses=given, routing=routing)).measured[-3:]
        return [((one.level[first] >= 0).any(), (one.level[~first] >= 0).any()) for one in found]

    everywhere, nowhere = pd.Series(True, first.index), pd.Series(False, first.index)
    assert have(everywhere) == [(True, True), (False, False), (True, True)]
    assert have(~first) == [(False, True), (False, False), (False, True)]
    assert have(nowhere) == [(False, False)] * 3
    # A question that hardly anybody was put is silent without having been left out.
    assert have(everywhere, routing) == [(True, True)] * 3


def test_an_ordinal_item_has_top_levels_mean_and_shares_that_add_to_one() -> None:
    people = even_people("0180-1", 80, 80, 0).assign(q=["1", "2", "3", "5"] * 20)
    indicators = pd.DataFrame(
        {"indicator": ["worry"], "item": "q", "type": "ordinal", "yes": "4 5", "levels": "1 2 3 4 5"}
    )
    settings = replace(Settings.default(), trimming="none")
    bundle = survey(people, even_population({("0180", "1"): 800}), indicators)
    weights = people_and_weights(bundle, settings)
    table = estimate(weigh(bundle, settings))
    shares = [row(table, statistic=f"p{code}")["estimate"] for code in range(1, 6)]
    mean = row(table, statistic="mean")
    assert sum(shares) == pytest.approx(1.0, rel=1e-12)
    assert mean["estimate"] == pytest.approx(
        np.average(weights["q"].astype(float), weights=weights["weight"])
    )
    assert mean["estimate"] == pytest.approx(sum(code * share for code, share in enumerate(shares, start=1)))
    assert row(table, statistic="proportion")["estimate"] == pytest.approx(shares[3] + shares[4])
    assert mean["yes"] == -1
