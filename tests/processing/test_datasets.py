from dataclasses import replace

import orjson
import pandas as pd
import pytest
from sqlalchemy import event, select, update

from analysis.schema import validate_bundle
from survey.errors import UserError
from survey.models.case import Case
from survey.models.response import Response
from survey.processing import answers
from survey.processing.datasets import build_bundle
from survey.processing.remarks import blank_forms, kept, sentences
from survey.processing.sources import answers_sha256
from survey.questionnaire.definition import Condition, load

ALL = ("0114", "0180", "0187")


@pytest.fixture
def dataset(session, add_wave):
    add_wave(session, "2022")
    return build_bundle(session, {"2022": ALL})


@pytest.fixture
def sqlite_dataset(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    return build_bundle(sqlite_session, {"2022": ALL})


def test_everyone_drawn_has_a_row_and_everyone_who_answered_an_answer(sqlite_dataset):
    sample, responses = sqlite_dataset.bundle.sample, sqlite_dataset.bundle.responses
    assert len(sample) == 3 * 2 * 8 * 20
    assert len(responses) == sample["responded"].sum() == 3 * 2 * 8 * 10
    cells = sample.groupby(["stratum", "legal_gender", "age_group"])["responded"].agg(["size", "sum"])
    assert cells["size"].eq(20).all()
    assert cells["sum"].eq(10).all()


def test_the_bundle_is_what_the_statistics_take(dataset):
    validate_bundle(dataset.bundle)


def test_a_question_with_several_conditions_has_a_routing_row_for_each(
    sqlite_session, sqlite_dataset, add_wave
):
    item, base = sqlite_dataset.bundle.routing.iloc[0]
    asked = load("trygghet")
    more = Condition("unsafe_evening", ("3", "4"))
    pages = tuple(
        replace(
            page,
            questions=tuple(
                replace(one, conditions=(*one.conditions, more)) if one.id == item else one
                for one in page.questions
            ),
        )
        for page in asked.pages
    )
    found = build_bundle(sqlite_session, {"2022": ALL}, asked=replace(asked, pages=pages)).bundle.routing
    assert found.loc[found["item"].eq(item), "base"].tolist() == [base, "unsafe_evening=3|unsafe_evening=4"]


def test_each_answer_stands_with_its_own_design_variables(session, dataset):
    drawn = dataset.bundle.sample.merge(dataset.bundle.responses, on=["wave", "case_id"])
    stored = [
        (row.area_code, row.legal_gender, row.age_group, orjson.loads(row.answers)["problem_drugs"])
        for row in session.query(Response)
    ]
    columns = ["stratum", "legal_gender", "age_group", "problem_drugs"]
    assert sorted(stored) == sorted(drawn[columns].itertuples(index=False, name=None))


def test_no_id_of_a_case_or_response_gets_into_the_dataset(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    # Far from the numbers of the rows, which cases of an empty database would have by themselves.
    sqlite_session.execute(update(Case).values(id=Case.id + 70_000_000))
    sqlite_session.execute(update(Response).values(id=Response.id + 90_000_000))
    bundle = build_bundle(sqlite_session, {"2022": ALL}).bundle
    assert bundle.sample["case_id"].tolist() == [str(n) for n in range(1, 961)]
    hidden = {str(value) for row in sqlite_session.query(Case.id, Case.reference) for value in row}
    hidden |= {str(row.id) for row in sqlite_session.query(Response.id)}
    assert len(hidden) == 960 * 2 + 480
    tables = {name: table for name, table in vars(bundle).items() if isinstance(table, pd.DataFrame)}
    assert tables.keys() >= {"sample", "responses", "strata", "population"}
    for name, table in tables.items():
        assert not hidden & set(table.astype(str).to_numpy().ravel()), name


def test_the_link_between_case_and_answer_is_never_read(session, add_wave):
    add_wave(session, "2022")
    statements = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    build_bundle(session, {"2022": ALL})
    assert any("response" in statement for statement in statements)
    assert not any("response_link" in statement for statement in statements)


def test_drafts_are_left_out(session, add_wave):
    add_wave(session, "2022")
    draft = session.query(Response).first()
    draft.submitted_on = None
    session.flush()
    dataset = build_bundle(session, {"2022": ALL})
    assert len(dataset.bundle.responses) == 479
    assert len(dataset.bundle.sample) == 960


def test_a_form_without_one_answer_is_nonresponse(session, add_wave):
    add_wave(session, "2022")
    nothing, passed, one = session.query(Response).order_by(Response.id).limit(3)
    skipped = dict.fromkeys(orjson.loads(nothing.answers), "")
    untold = {
        question.id: next((option.code for option in question.options if option.kind != "regular"), "")
        for question in load("trygghet").coded
    }
    assert "" not in untold.values()
    before = answers_sha256(session, "2022", ALL)
    for response, given in ((nothing, skipped), (passed, untold), (one, {**untold, "problem_drugs": "1"})):
        response.answers = orjson.dumps(given).decode()
    session.flush()
    dataset = build_bundle(session, {"2022": ALL})
    assert (dataset.blank, dataset.answers) == ({"2022": 2}, {"2022": 478})
    assert dataset.bundle.sample["responded"].agg(["size", "sum"]).tolist() == [960, 478]
    # What was handed in is named whole: a withdrawal of such a form, too, is seen.
    assert dataset.fingerprints["2022"]["answers"] == answers_sha256(session, "2022", ALL) != before
    assert sentences(kept(blank_forms(dataset.blank))) == (
        "2022, hela regionen: 2 svar utan något svar räknas som bortfall.",
    )


def test_a_skipped_question_is_empty(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", answers=lambda chance, wave: {"gender": "", "problem_litter": ""})
    responses = build_bundle(sqlite_session, {"2022": ALL}).bundle.responses
    assert responses.drop(columns=["wave", "case_id", "mode"]).eq("").all(axis=None)


def test_only_the_municipalities_asked_for_are_in_it(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022")
    bundle = build_bundle(sqlite_session, {"2019": ["0180"], "2022": ALL}).bundle
    earlier = bundle.strata[bundle.strata["wave"].eq("2019")]
    assert set(earlier["municipality_code"]) == {"0180"}
    assert set(bundle.population[bundle.population["wave"].eq("2019")]["municipality_code"]) == {"0180"}


def test_official_totals_are_used_where_there_are_any(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022", official=True)
    population = build_bundle(sqlite_session, {"2022": ALL}).bundle.population
    assert population["area"].eq("").all()
    assert population["population"].eq(760).all()
    validate_bundle(build_bundle(sqlite_session, {"2022": ALL}).bundle)


def test_the_fingerprint_of_the_answers_does_not_depend_on_ids_but_on_every_answer(session, add_wave):
    add_wave(session, "2022")
    first = answers_sha256(session, "2022", ALL)
    session.execute(update(Response).values(id=-Response.id))
    assert answers_sha256(session, "2022", ALL) == first
    one = session.query(Response).first()
    one.answers = orjson.dumps({**orjson.loads(one.answers), "problem_drugs": "8"}).decode()
    session.flush()
    assert answers_sha256(session, "2022", ALL) != first
    assert build_bundle(session, {"2022": ALL}).fingerprints["2022"]["answers"] != first


def test_a_sample_that_does_not_match_its_register_is_refused(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    sqlite_session.delete(sqlite_session.query(Case).filter_by(area_code="0180-01").first())
    sqlite_session.flush()
    with pytest.raises(UserError, match="0180-01"):
        build_bundle(sqlite_session, {"2022": ALL})


def test_more_answers_than_persons_drawn_is_refused(sqlite_session, add_wave):
    add_wave(sqlite_session, "2022")
    sqlite_session.execute(
        update(Response)
        .where(Response.area_code == "0180-01", Response.legal_gender == "woman")
        .values(age_group="16-29")
    )
    with pytest.raises(UserError, match="fler svar än dragna personer bland kvinnor 16–29 år"):
        build_bundle(sqlite_session, {"2022": ALL})


def test_an_item_is_compared_from_the_wave_since_which_it_reads_the_same(sqlite_session, add_wave):
    add_wave(sqlite_session, "2018", questionnaire_hash="0" * 64)
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022")
    bundle = build_bundle(sqlite_session, {code: ALL for code in ("2018", "2019", "2022")}).bundle
    assert set(bundle.indicators["comparable_since"]) == {"2019"}
    lost = bundle.responses["wave"].eq("2018")
    assert bundle.responses.loc[lost, "problem_drugs"].eq("").all()
    assert bundle.responses.loc[~lost, "problem_drugs"].ne("").all()


def test_the_dataset_does_not_depend_on_how_many_answers_are_read_at_a_time(session, add_wave, monkeypatch):
    add_wave(session, "2022")
    whole = build_bundle(session, {"2022": ALL})
    monkeypatch.setattr(answers, "BATCH", 7)
    parts = build_bundle(session, {"2022": ALL})
    assert parts.fingerprints == whole.fingerprints
    pd.testing.assert_frame_equal(parts.bundle.sample, whole.bundle.sample)
    pd.testing.assert_frame_equal(
        parts.bundle.responses.astype(str), whole.bundle.responses.astype(str), check_dtype=False
    )


def test_the_order_of_the_dataset_is_decided_by_what_was_answered_alone(session, add_wave):
    add_wave(session, "2022")
    first = build_bundle(session, {"2022": ALL}).bundle.responses.astype(str)
    session.execute(update(Response).values(id=-Response.id))
    pd.testing.assert_frame_equal(build_bundle(session, {"2022": ALL}).bundle.responses.astype(str), first)


def test_an_answer_from_an_area_outside_the_wave_is_refused(sqlite_session, add_wave):
    add_wave(sqlite_session, "2019")
    add_wave(sqlite_session, "2022", municipalities=("0180",))
    stray = sqlite_session.scalar(select(Response).where(Response.wave_code == "2022").limit(1))
    stray.area_code = "0114-01"
    sqlite_session.flush()
    with pytest.raises(UserError, match="0114-01"):
        build_bundle(sqlite_session, {"2022": ["0180"]})
