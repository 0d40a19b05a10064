"""Which waves are compared on which indicator, decided by declared breaks and item definitions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_surveys import as_text, random_survey, row
from test_overlap import twice

from analysis import comparability, pipeline
from analysis.errors import InputError
from analysis.schema import Bundle, validate_bundle
from analysis.settings import Settings

BREAK_COLUMNS = ["wave", "indicator", "municipality_code", "cause", "bridge", "bridge_se"]


def two_waves(breaks=None, definitions=None, **changes) -> Bundle:
    bundle = twice(random_survey(41, drawn=250), panel=False, second=random_survey(42, drawn=250))
    if breaks is not None:
        bundle = replace(bundle, breaks=pd.DataFrame(breaks, columns=BREAK_COLUMNS))
    if definitions is not None:
        table = pd.DataFrame(definitions, columns=["wave", "item", "definition"])
        bundle = replace(bundle, definitions=table)
    return validate_bundle(replace(bundle, **changes))


def changed(bundle: Bundle) -> pd.DataFrame:
    return as_text(pipeline.run(bundle, Settings.default(), protected=False).changes)


UNCORRECTED = [
    "previous_wave",
    "code",
    "gender",
    "age_group",
    "change",
    "se",
    "df",
    "p",
    "lower",
    "upper",
    "reason",
]


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    """The changes without anything declared."""
    return changed(two_waves())


def test_a_break_without_a_bridge_is_not_compared_and_says_so(plain) -> None:
    table = changed(two_waves([("2027", "q", "", "wording", "", "")]))
    broken = table["indicator"].eq("q")
    assert set(table.loc[broken, "verdict"]) == {"not_comparable"}
    assert set(table.loc[broken, "reason"]) == {"break"}
    assert table.loc[broken, "change"].isna().all()
    others = plain[plain["indicator"].ne("q")]
    pd.testing.assert_frame_equal(table.loc[~broken, UNCORRECTED], others[UNCORRECTED])


def test_a_break_of_the_first_wave_stands_between_nothing(plain) -> None:
    pd.testing.assert_frame_equal(changed(two_waves([("2026", "all", "", "mode", "", "")])), plain)


def test_a_bridge_moves_the_earlier_figure_and_adds_its_own_uncertainty(plain) -> None:
    table = changed(two_waves([("2027", "q", "", "wording", "0.03", "0.02")]))
    ours, without = (row(one, code="0180", indicator="q") for one in (table, plain))
    assert ours["change"] == pytest.approx(without["change"] - 0.03)
    assert ours["se"] == pytest.approx(np.hypot(without["se"], 0.02))
    assert ours["reason"] == "bridged"
    assert ours["upper"] - ours["lower"] > without["upper"] - without["lower"]


def test_two_bridges_on_the_way_add_up_and_so_do_their_variances() -> None:
    bridges = [("2027", "q", "", "wording", "0.03", "0.02"), ("2027", "q", "", "mode", "-0.01", "0.01")]
    table = pd.DataFrame(
        [("2026", "2027", "municipality", "0180", "q", "proportion")],
        columns=["previous_wave", "wave", "geography", "code", "indicator", "statistic"],
    )
    found = comparability.passage(table, two_waves(bridges))
    assert found.bridge == pytest.approx([0.02])
    assert found.bridge_se == pytest.approx([np.hypot(0.02, 0.01)])


def test_a_bridge_reaches_the_limits_of_rare_figures_too() -> None:
    few = replace(Settings.default(), thresholds=replace(Settings.default().thresholds, effective_count=1e9))
    bundle = two_waves([("2027", "q", "", "wording", "0.03", "0.02")])
    tables = [as_text(pipeline.run(one, few, protected=False).changes) for one in (bundle, two_waves())]
    ours, plain = (row(one, code="0180", indicator="q") for one in tables)
    assert np.isnan(ours["p"])
    assert ours["change"] - ours["lower"] > plain["change"] - plain["lower"]
    assert ours["upper"] - ours["change"] > plain["upper"] - plain["change"]


def test_a_break_of_one_municipality_reaches_its_areas_and_its_unions_but_no_other() -> None:
    table = changed(two_waves([("2027", "q", "0180", "border", "", "")]))
    broken = table[table["reason"].eq("break")]
    assert set(broken["indicator"]) == {"q"}
    assert set(broken["code"]) == {"all", "0180", *(f"0180-{number}" for number in range(4))}


def test_a_bridge_of_one_municipality_moves_it_and_breaks_what_is_more_than_it() -> None:
    bridge = ("2027", "q", "0180", "mode", "0.03", "0.01")
    bundle = two_waves()
    inner = bundle.strata["stratum"].isin(["0180-0", "0180-1"])
    outer = bundle.strata["stratum"].isin(["0180-0", "0181-0"])
    domains = pd.concat(
        [
            bundle.strata.loc[rows, ["wave", "stratum"]].assign(geography="vulnerable_area", code=code)
            for code, rows in (("inner", inner), ("outer", outer))
        ]
    )
    ours, plain = (
        pipeline.run(two_waves(breaks, domains=domains), Settings.default(), protected=False)
        for breaks in ([bridge], None)
    )
    changes = [as_text(one.changes) for one in (ours, plain)]
    places = (("municipality", "0180"), ("vulnerable_area", "inner"))
    for place in ({"geography": geography, "code": code, "indicator": "q"} for geography, code in places):
        assert row(changes[0], **place)["change"] == pytest.approx(row(changes[1], **place)["change"] - 0.03)
    for geography, code in (("all", "all"), ("vulnerable_area", "outer")):
        assert row(changes[0], geography=geography, code=code, indicator="q")["reason"] == "break"
    assert row(changes[0], code="0181", indicator="q")["reason"] == ""
    # Nor is the municipality set beside the region by what the bridge does to one of them.
    beside = as_text(ours.comparisons)
    beside = beside[beside["previous_wave"].eq("2026") & beside["indicator"].eq("q")]
    assert set(beside["reason"]) == {"break"}
    assert set(beside["verdict"]) == {"not_comparable"}


def test_items_are_compared_only_under_the_same_definition_in_both_waves() -> None:
    both = [("2026", "q", "v1"), ("2027", "q", "v1"), ("2026", "r", "v1"), ("2027", "r", "v2")]
    table = changed(two_waves(definitions=both))
    assert set(table.loc[table["reason"].eq("break"), "indicator"]) == {"r"}
    assert not table.loc[table["indicator"].eq("q"), "change"].isna().all()


def test_an_item_without_a_definition_in_one_wave_is_not_compared_by_hope() -> None:
    table = changed(two_waves(definitions=[("2026", "q", "v1"), ("2027", "q", "v1"), ("2027", "r", "v1")]))
    assert set(table.loc[table["reason"].eq("break"), "indicator"]) == {"r"}


def test_the_items_of_the_base_count_as_items_of_the_indicator() -> None:
    indicators = two_waves().indicators.assign(base=["r=1", ""])
    bundle = two_waves(
        definitions=[("2026", "q", "v1"), ("2027", "q", "v1"), ("2026", "r", "v1"), ("2027", "r", "v2")],
        indicators=indicators,
    )
    assert comparability.items_of(bundle)["q"] == {"q", "r"}
    assert set(changed(bundle)["reason"]) == {"break"}


def made_of_q_and_r() -> Bundle:
    """Two waves with indicators made of the same items."""
    rows = [
        ("any", "", "any", "q r", ""),
        ("of_victims", "r", "binary", "", "q=1"),
        ("ratio", "", "ratio", "r q", ""),
        ("elsewhere", "r", "binary", "", ""),
    ]
    made = pd.DataFrame(rows, columns=["indicator", "item", "type", "items", "base"])
    made = made.assign(yes="1", levels="0 1", dont_know="8")
    plain = two_waves()
    indicators = pd.concat([plain.indicators, made], ignore_index=True).fillna({"base": "", "items": ""})
    return replace(plain, indicators=indicators)


def not_compared(bundle: Bundle) -> set[str]:
    """The indicators that are not compared between the two waves of a municipality."""
    names = bundle.indicators["indicator"]
    table = pd.DataFrame({"indicator": names}).assign(
        previous_wave="2026", wave="2027", geography="municipality", code="0180", statistic="proportion"
    )
    return set(names[comparability.passage(table, bundle).broken])


def test_a_break_reaches_every_indicator_that_uses_the_item_unless_a_row_of_its_own_speaks_for_it() -> None:
    plain = made_of_q_and_r()

    def broken(*breaks: tuple[str, ...]) -> set[str]:
        return not_compared(replace(plain, breaks=pd.DataFrame(breaks, columns=BREAK_COLUMNS)))

    assert broken(("2027", "q", "", "wording", "", "")) == {"q", "any", "of_victims", "ratio"}
    # A bridge is of the indicator that it names; an indicator's own row speaks for it.
    bridge = ("2027", "q", "", "wording", "0.03", "0.02")
    assert broken(bridge) == {"any", "of_victims", "ratio"}
    own = ("2027", "any", "", "mode", "0.02", "0.02")
    assert broken(bridge, own) == {"of_victims", "ratio"}
    # What follows a crime reads otherwise: who is a victim does not.
    assert broken(("2027", "of_victims", "", "wording", "", "")) == {
        "of_victims",
        "r",
        "any",
        "ratio",
        "elsewhere",
    }


def test_an_item_comparable_since_the_later_wave_stops_every_indicator_that_uses_it() -> None:
    plain = made_of_q_and_r()

    def since(breaks=(), **began: str) -> set[str]:
        stated = plain.indicators["indicator"].map(began).fillna("")
        declared = pd.DataFrame(breaks, columns=BREAK_COLUMNS)
        indicators = plain.indicators.assign(comparable_since=stated)
        return not_compared(replace(plain, indicators=indicators, breaks=declared))

    assert since(q="2026") == set()
    assert since(q="2027") == since(q="2027", any="2026") == {"q", "any", "of_victims", "ratio"}
    bridge = ("2027", "any", "", "wording", "0.02", "0.02")
    assert since([bridge], q="2027") == {"q", "of_victims", "ratio"}
    # Of several items, or of one that only some are asked, it may be due to any of them.
    assert since(any="2027") == {"any"}
    assert since(of_victims="2027") == {"of_victims"}


@pytest.mark.parametrize(
    ("line", "column", "found"),
    [
        (("2031", "q", "", "mode", "", ""), "wave", "'2031'"),
        (("2027", "x", "", "mode", "", ""), "indicator", "'x'"),
        (("2027", "q", "9999", "mode", "", ""), "municipality_code", "'9999'"),
        (("2027", "q", "", "weather", "", ""), "cause", "'weather'"),
        (("2027", "all", "", "mode", "0.02", "0.01"), "indicator", "'all'"),
        (("2027", "q", "", "mode", "2", "0.01"), "bridge", "'2'"),
        (("2027", "q", "", "mode", "two", "0.01"), "bridge", "'two'"),
        (("2027", "q", "", "mode", "0.02", ""), "bridge_se", "''"),
        (("2027", "q", "", "mode", "0.02", "-1"), "bridge_se", "'-1'"),
        (("2027", "q", "", "mode", "", "0.01"), "bridge_se", "'0.01'"),
    ],
)
def test_a_break_that_cannot_be_understood_is_named_with_file_line_and_column(line, column, found) -> None:
    with pytest.raises(InputError) as error:
        two_waves([("2027", "r", "", "mode", "", ""), line])
    assert (error.value.file, error.value.line, error.value.column) == ("breaks.csv", 3, column)
    assert error.value.found == found


@pytest.mark.parametrize(
    ("line", "column"),
    [(("2031", "q", "v"), "wave"), (("2027", "x", "v"), "item"), (("2027", "q", ""), "definition")],
)
def test_a_definition_that_cannot_be_understood_is_named_with_file_line_and_column(line, column) -> None:
    with pytest.raises(InputError) as error:
        two_waves(definitions=[("2027", "r", "v"), line])
    assert (error.value.file, error.value.line, error.value.column) == ("items.csv", 3, column)
