"""A municipality's own questions are counted for it alone, weighted and protected as the core is."""

import json
import random
from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.keys import ESTIMATE
from survey.errors import Faults
from survey.models.local_questions import LocalQuestions
from survey.models.response import Response
from survey.models.table_request import RequestState
from survey.models.wave import Wave
from survey.processing import local_items, releases
from survey.processing.request_answers import answer_requests
from survey.processing.request_questions import choices, read_question
from survey.processing.table_requests import RequestEntry, approve, ask, find_request, keep_answers
from survey.publication.downloads.dictionary import describe
from survey.questionnaire.definition import load
from survey.questionnaire.local_shares import local_shares

pytestmark = pytest.mark.usefixtures("computed_once")

MERGED = load("trygghet+skargard")
OWN = "0187"


def afraid_on_ferries(chance: random.Random, wave: str) -> dict[str, str]:
    answers = {
        "gender": chance.choice(["woman", "man"]),
        "police_cares": chance.choice("1128"),
        "worry_assault": chance.choice("12345"),
        "skargard_ferry": chance.choice("1112348"),
        "skargard_theft": "1" if chance.random() < 0.3 else "2",
    }
    return answers | ({"skargard_times": "1"} if answers["skargard_theft"] == "1" else {})


@pytest.fixture
def computed(sqlite_session: Session, add_wave: Callable[..., Wave]) -> releases.Computed:
    add_wave(sqlite_session, "2022", answers=afraid_on_ferries)
    for one in sqlite_session.scalars(select(Response).where(~Response.area_code.startswith(OWN))):
        given = json.loads(one.answers)  # nobody else was asked
        one.answers = json.dumps({name: code for name, code in given.items() if "skargard" not in name})
    sqlite_session.add(
        LocalQuestions(
            wave_code="2022",
            municipality_code=OWN,
            questionnaire=MERGED.name,
            questionnaire_hash=MERGED.hash,
        )
    )
    sqlite_session.flush()
    return releases.compute(sqlite_session, "2022")


def test_shares_of_own_questions_stand_among_the_estimates_of_the_municipality(
    computed: releases.Computed,
) -> None:
    table = computed.tables["estimates"]
    own = table[table["indicator"].str.startswith("skargard_")]
    assert set(own["indicator"]) == {"skargard_ferry", "skargard_theft"}
    assert set(own["geography"]) == {"municipality"}
    assert set(own["code"]) == {OWN}
    everybody = own[own["gender"].eq("all") & own["age_group"].eq("all") & own["statistic"].eq("proportion")]
    shares = dict(zip(everybody["indicator"], everybody["estimate"], strict=True))
    assert everybody["released"].all()
    assert 0.2 < shares["skargard_ferry"] < 0.5
    assert 0.2 < shares["skargard_theft"] < 0.42
    assert computed.manifest["local_questions"] == {OWN: {"name": MERGED.name, "hash": MERGED.hash}}


def test_own_questions_are_weighted_as_the_core_is(
    sqlite_session: Session, computed: releases.Computed
) -> None:
    """A core question counted in the same way in the municipality alone gives the figure of the whole run."""
    from dataclasses import replace

    from analysis import pipeline
    from analysis.schema import validate_bundle
    from analysis.settings import Settings
    from survey.processing.datasets import build_bundle
    from survey.questionnaire import indicators

    police = indicators.indicator("police_cares")
    assert police is not None
    bundle = build_bundle(sqlite_session, {"2022": [OWN]}, recipes=(police,)).bundle
    alone = pipeline.run(validate_bundle(bundle), replace(Settings.default(), seed=1)).estimates
    whole = computed.tables["estimates"]

    def figure(table: object) -> float:
        rows = table[  # type: ignore[index]
            table["code"].eq(OWN)  # type: ignore[index]
            & table["indicator"].eq("police_cares")  # type: ignore[index]
            & table["gender"].eq("all")  # type: ignore[index]
            & table["age_group"].eq("all")  # type: ignore[index]
            & table["statistic"].eq("proportion")  # type: ignore[index]
        ]
        return float(rows["estimate"].iloc[0])

    assert figure(alone) == pytest.approx(figure(whole), abs=1e-9)


def test_figures_of_the_core_are_the_same_with_and_without_own_questions(
    sqlite_session: Session, computed: releases.Computed
) -> None:
    sqlite_session.delete(sqlite_session.get_one(LocalQuestions, ("2022", OWN)))
    sqlite_session.flush()
    without = releases.compute(sqlite_session, "2022").tables["estimates"].reset_index(drop=True)
    table = computed.tables["estimates"]
    core = table[~table["indicator"].str.startswith("skargard_")].reset_index(drop=True)
    pd.testing.assert_frame_equal(core, without, check_categorical=False)
    assert [kind.name for kind in table.dtypes] == [kind.name for kind in without.dtypes]


def test_after_a_withdrawal_no_sensitive_share_is_shown_with_one_person_less(
    sqlite_session: Session, computed: releases.Computed
) -> None:
    releases.keep_draft(sqlite_session, computed, by="tests")
    releases.release(sqlite_session, "2022", by="tests")
    anybody = select(Response).where(Response.area_code.startswith(OWN)).limit(1)
    sqlite_session.delete(sqlite_session.scalars(anybody).one())
    sqlite_session.flush()
    corrected = releases.compute(sqlite_session, "2022").tables["estimates"]
    both = computed.tables["estimates"].merge(corrected, on=ESTIMATE, suffixes=("_before", ""))
    both = both[both["released_before"].eq(1)]
    for indicator, alike in (("skargard_theft", False), ("skargard_ferry", True)):
        own = both[both["indicator"].eq(indicator) & both["gender"].eq("all") & both["age_group"].eq("all")]
        assert own["released"].eq(1).tolist() == [alike] * len(own), indicator
        assert len(own)


def asked(session: Session, item: str, *by: str, ground: str = OWN) -> RequestEntry:
    """A table that is asked for and computed."""
    question = read_question(choices(session, "2022"), "table", item, by, [("municipality", [ground])])
    number = ask(session, "2022", question, "Till nämnden", by="anna@example.se")
    keep_answers(session, answer_requests(session, "2022"), by="tests")
    return find_request(session, number)


def test_a_table_is_asked_of_own_questions_where_they_were_asked(
    sqlite_session: Session, computed: releases.Computed
) -> None:
    releases.keep_draft(sqlite_session, computed, by="tests")
    releases.release(sqlite_session, "2022", by="tests")
    known = choices(sqlite_session, "2022")
    measures, divisions = known.measures, known.divisions
    assert measures["Kommunernas egna frågor"]["skargard_ferry"] == "Otrygg på skärgårdsbåtar (Kommun 0187)"
    assert divisions["Kommunernas egna frågor"]["skargard_ferry"].startswith("Hur trygg känner du dig på")
    assert "skargard_times" in measures["Kommunernas egna frågor"]  # of no measure
    for kinds in (measures, divisions):
        names = [name for some in kinds.values() for name in some]
        assert len(names) == len(set(names))
        assert {"unsafe_evening", "housing"} < set(names)
    for ground in ([], [("municipality", ["0180"])], [("municipality", ["0180", OWN])]):
        for item, by in (("skargard_ferry", "gender"), ("police_cares", "skargard_times")):
            with pytest.raises(Faults, match=r"kommuns egen.*: Kommun 0187") as fault:
                read_question(known, "table", item, [by], ground)
            assert set(fault.value.by_field) == {"kommun"}

    # What the release tells of the municipality, the table tells in the same figures.
    table = computed.tables["estimates"]
    released = table[table["indicator"].eq("skargard_ferry") & table["age_group"].eq("all")]
    found = asked(sqlite_session, "skargard_ferry", "gender")
    assert found.state == RequestState.COMPUTED, found.reason
    told = {row["category"]: row for row in found.result["rows"] if row["statistic"] == "proportion"}
    for gender, n, estimate in released[["gender", "n", "estimate"]].itertuples(index=False):
        assert told[gender]["n"] == n
        assert told[gender]["estimate"] == pytest.approx(estimate, abs=1e-9)
    assert known.sentence(found.question) == "Otrygg på skärgårdsbåtar efter kön, bara i Kommun 0187"
    police = read_question(known, "table", "unsafe_evening", ["police_cares"], [])
    assert known.sentence(police).startswith("Otrygg ute sent på kvällen efter svar på ”")

    # By the answers of one, and the shares of one that no measure is made of.
    by_answers = asked(sqlite_session, "police_cares", "skargard_ferry")
    assert {row["category"] for row in by_answers.result["rows"]} >= {"all", "1", "2", "3", "4", "8"}
    assert asked(sqlite_session, "skargard_times", "gender").state == RequestState.COMPUTED
    assert asked(sqlite_session, "housing", "gender").reason.startswith("Ingen har svarat på frågan")

    # A sensitive one is held against what is told already; of a correction, rows are held against it.
    theft = asked(sqlite_session, "skargard_theft", "area")
    assert theft.result["checked"]["counts"] > 0
    approve(sqlite_session, theft.id, by="bo@example.se")
    again = asked(sqlite_session, "skargard_theft", "area", "gender")
    assert again.result["beside"]["requests"] == [theft.id]


def test_rows_of_own_questions_are_held_against_approved_tables(
    sqlite_session: Session, computed: releases.Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases.keep_draft(sqlite_session, computed, by="tests")
    releases.release(sqlite_session, "2022", by="tests")
    approve(sqlite_session, asked(sqlite_session, "skargard_theft", "area").id, by="bo@example.se")
    key = {"wave": "2022", "geography": "municipality", "code": OWN, "gender": "all", "age_group": "all"}
    telling = pd.DataFrame([{**key, "indicator": "skargard_theft", "statistic": "proportion"}])

    def first_tells(_approved: object, estimates: pd.DataFrame, _changes: object) -> pd.DataFrame:
        """That row, for as long as it is shown."""
        same = estimates[[*key, "indicator", "statistic"]].astype(str).eq(telling.iloc[0]).all(axis=1)
        return telling if estimates.loc[same, "released"].eq(1).any() else telling.iloc[:0]

    monkeypatch.setattr(local_items, "rows_to_hide", first_tells)
    table = releases.compute(sqlite_session, "2022").tables["estimates"]
    own = table[table["indicator"].eq("skargard_theft") & table["gender"].eq("all")]
    assert own[own["age_group"].eq("all")]["released"].tolist() == [0]
    before = computed.tables["estimates"]
    same = before["indicator"].eq("skargard_theft") & before["gender"].eq("all")
    assert before[same & before["age_group"].eq("all")]["released"].tolist() == [1]


def test_a_share_is_counted_by_the_recipe_of_its_file() -> None:
    ferry, theft = local_shares(MERGED)
    assert "Svaret ”Jag åker inte skärgårdsbåt eller färja” räknas inte med. Vet inte" in ferry.base_text
    assert theft.base_text == "De som tog ställning i frågan. Vet inte och vill inte svara räknas inte med."
    assert (ferry.yes, ferry.levels) == (("3", "4"), ("1", "2", "3", "4"))
    assert (ferry.dont_know, ferry.refused) == (("8", "5"), ("9",))
    assert (theft.unit, theft.sensitive, ferry.sensitive) == ("household", True, False)
    assert ferry.measure == "Andel som svarade ”Ganska otrygg” eller ”Mycket otrygg”."
    assert local_shares(load("trygghet")) == ()


def test_the_dictionary_explains_own_questions_only_where_they_were_asked() -> None:
    told = {row[2]: row for row in describe({}, [MERGED])}
    assert told["skargard_theft"][3].startswith("Båt eller båtutrustning stulen. Andel som svarade ”Ja”.")
    assert told["skargard_theft"][4] == "hushåll"
    assert "skargard_theft" not in {row[2] for row in describe({})}
