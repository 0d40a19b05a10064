"""A wave collected elsewhere: what is taken in, what never is, and every way the files can be wrong."""

import itertools
import json
from datetime import date

import orjson
import pandas as pd
import pytest
from imported_bundle import DRUGS, MUNICIPALITIES, change, import_settings, write, write_bundle
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from survey.collection.closing import fieldwork
from survey.collection.imports import import_wave, mapping_template
from survey.errors import UserError
from survey.models.area import Area
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.imported_wave import ImportedWave
from survey.models.municipality import Municipality, Participation
from survey.models.population import PopulationCount
from survey.models.response import Response, ResponseLink
from survey.models.wave import FrameCount, SampleCount, Stratum, Wave
from survey.questionnaire.definition import load

TODAY = date(2022, 4, 1)


@pytest.fixture
def folder(tmp_path):
    return write_bundle(tmp_path / "bundle")


def add_geography(session, areas=True):
    for code in MUNICIPALITIES:
        place = {"county_code": code[:2], "county": "Stockholms län", "police_region": "Stockholm"}
        session.add(Municipality(code=code, name=f"Kommun {code}", **place))
    session.flush()
    for code in MUNICIPALITIES if areas else ():
        for number in (1, 2):
            area = {"municipality_code": code, "name": f"Område {number}", "valid_from": date(2015, 1, 1)}
            session.add(Area(code=f"{code}-{number:02}", **area))
    session.flush()
    return session


@pytest.fixture
def place(session):
    return add_geography(session)


@pytest.fixture
def here(quick):
    return add_geography(quick)


def take_in(session, folder, **changes):
    return import_wave(session, folder, import_settings(**changes), "test", TODAY)


def test_answers_come_in_as_ours_and_the_drawn_as_counts(place, folder):
    report = take_in(place, folder)
    assert (report.code, report.answers, report.sampled) == ("2021", 480, 960)
    assert (report.municipalities, report.areas, report.areas_added) == (3, 6, 0)
    wave = place.get(Wave, "2021")
    assert (wave.status, wave.synthetic, wave.age_min, wave.age_max) == ("closed", True, 16, 84)
    assert place.scalar(select(func.sum(SampleCount.sampled))) == 960
    assert place.scalar(select(func.sum(FrameCount.population))) == 3 * 8 * 250 * 3
    assert place.scalar(select(func.sum(Stratum.sampled))) == 960
    assert place.scalar(select(func.count()).where(Participation.accepted)) == 3
    stored = place.scalars(select(Response)).all()
    assert {row.mode for row in stored} == {"paper"}
    assert {row.submitted_on for row in stored} == {wave.field_end}
    assert {row.questionnaire_hash for row in stored} == {wave.questionnaire_hash} != {load("trygghet").hash}


def test_every_code_becomes_its_option_in_the_cell_it_came_from(here, folder):
    take_in(here, folder)
    files = {
        name: pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("sample", "responses")
    }
    theirs = files["responses"].merge(files["sample"], on=["wave", "case_id"])
    expected = sorted(
        (stratum, sex, band, DRUGS.get(drugs, ""), litter, {"yes": "1", "no": "2"}[hit])
        for stratum, sex, band, drugs, litter, hit in theirs[
            ["stratum", "legal_gender", "age_group", "drugs", "litter", "hit"]
        ].itertuples(index=False, name=None)
    )
    questions = ("problem_drugs", "problem_litter", "victim_violence")
    ours = sorted(
        (
            row.area_code,
            row.legal_gender,
            row.age_group,
            *(orjson.loads(row.answers).get(q, "") for q in questions),
        )
        for row in here.scalars(select(Response))
    )
    assert ours == expected


def test_nothing_of_a_person_is_stored(place, folder):
    take_in(place, folder)
    assert place.scalar(select(func.count()).select_from(Case)) == 0
    assert place.scalar(select(func.count()).select_from(ResponseLink)) == 0
    for table in (Response.__table__, ImportedWave.__table__, SampleCount.__table__, AuditEvent.__table__):
        stored = " ".join(str(tuple(row)) for row in place.execute(select(table)))
        assert "person1" not in stored
        assert "case1" not in stored


def test_the_order_of_the_file_is_lost(place, folder):
    """The files have ten answers of a cell in a row; in the order that the database keeps, hardly any."""
    take_in(place, folder)
    kept = place.execute(text("SELECT area_code, legal_gender, age_group FROM response")).all()
    assert len(kept) == 480
    assert sum(one == other for one, other in itertools.pairwise(kept)) < 60


def test_the_origin_is_kept_and_cannot_be_changed(place, folder):
    take_in(place, folder)
    origin = place.get(ImportedWave, "2021")
    assert (origin.source, origin.source_wave) == ("Kommunerna, levererad 2022-03-01", "2021")
    assert json.loads(origin.left_out) == ["weather"]
    items = {item["item"]: item for item in json.loads(origin.items)}
    assert items["worry"]["comparable"] is False
    assert items["worry"]["note"] == "annan svarsskala"
    assert items["drugs"]["codes"] == DRUGS
    for statement in (update(ImportedWave).values(source="x"), delete(SampleCount)):
        with pytest.raises(DBAPIError, match="fixed"), place.begin_nested():
            place.execute(statement)


def test_the_version_of_the_questionnaire_is_its_own_and_depends_on_the_mapping(here, folder):
    take_in(here, folder)
    change(folder / "mapping.csv", "hit,victim_violence,no,2,1", "hit,victim_violence,no,2,1")
    change(folder / "mapping.csv", "annan svarsskala", "andra ord")
    take_in(here, folder, code="2021-2")
    hashes = {code: here.get(Wave, code).questionnaire_hash for code in ("2021", "2021-2")}
    assert hashes["2021"] != hashes["2021-2"]
    assert load("trygghet").hash not in hashes.values()


def test_what_was_taken_in_and_what_was_not_is_reported(here, folder):
    write(
        folder / "age_groups.csv",
        "age_group reporting_age_group",
        [(band, band) for band in ("16-29", "30-44", "45-64", "65-84")],
    )
    report = take_in(here, folder)
    assert report.comparable == ("problem_drugs", "problem_litter", "victim_violence", "reported_violence")
    assert report.broken == ("worry_burglary",)
    assert report.left_out == ("weather",)
    assert report.unused_files == ("age_groups.csv",)


def test_answers_to_questions_that_were_not_to_be_asked_are_taken_away_and_counted(here, folder):
    report = take_in(here, folder)
    assert set(report.off_path) == {"reported_violence"}
    assert report.off_path["reported_violence"] > 0
    for row in here.scalars(select(Response)):
        answers = orjson.loads(row.answers)
        assert "reported_violence" not in answers or answers["victim_violence"] == "1"


def test_the_status_of_the_wave_counts_its_drawn(here, folder):
    take_in(here, folder)
    counted = fieldwork(here, "2021")
    assert (counted.sampled, counted.submitted, counted.invited) == (960, 480, 0)


def test_the_import_is_in_the_audit_log(here, folder):
    take_in(here, folder)
    event = here.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject, event.actor) == ("import wave", "2021", "test")
    assert json.loads(event.detail)["answers"] == 480


def test_the_same_files_are_not_taken_in_twice(here, folder):
    take_in(here, folder)
    with pytest.raises(UserError, match="redan importerad ur samma filer, som 2021"):
        take_in(here, folder, code="2021-2")


def test_a_code_that_is_taken_is_refused(here, folder):
    take_in(here, folder)
    change(folder / "mapping.csv", "annan svarsskala", "andra ord")
    with pytest.raises(UserError, match="Omgången 2021 finns redan"):
        take_in(here, folder)


def test_an_error_leaves_nothing(databases, folder):
    with databases.transaction() as session:
        add_geography(session)
    write(folder / "areas.csv", "stratum area_code name", [("0114-01", "0114-01", "")])
    with pytest.raises(UserError, match="rad saknas för stratum 0114-02"), databases.transaction() as session:
        take_in(session, folder)
    with databases.reading() as session:
        for table in (Wave, ImportedWave, Stratum, SampleCount, Response, AuditEvent):
            assert session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "mapping.csv",
            "drugs,problem_drugs,d,1",
            "dregs,problem_drugs,d,1",
            "rad 2: kolumnen item är 'dregs'",
        ),
        (
            "mapping.csv",
            "drugs,problem_drugs,d,1",
            "drugs,problem_drags,d,1",
            "rad 2: kolumnen question är 'problem_drags'",
        ),
        (
            "mapping.csv",
            "drugs,problem_drugs,d,1",
            "drugs,problem_drugs,d,7",
            "rad 2: kolumnen option är '7'",
        ),
        (
            "mapping.csv",
            "drugs,problem_drugs,c,2,1",
            "drugs,problem_drugs,c,2,0",
            "rad 3: kolumnen comparable är '0'",
        ),
        ("mapping.csv", "drugs,problem_drugs,c,2", "drugs,problem_drugs,d,2", "rad 3: kolumnen code är 'd'"),
        ("mapping.csv", "drugs,problem_drugs,c,2", "drugs,problem_litter,c,2", "rad 3: kolumnen question"),
        ("mapping.csv", "litter,problem_litter", "litter,problem_drugs", "redan fås av drugs"),
        ("mapping.csv", "litter,problem_litter", "litter,gender", "kolumnen gender tas in som den är"),
        ("mapping.csv", "drugs,problem_drugs,a,4,1,\n", "", "kolumnen drugs är 'a'"),
        (
            "mapping.csv",
            "litter,problem_litter,,,1",
            "litter,problem_litter,,,ja",
            "kolumnen comparable är 'ja'",
        ),
        ("mapping.csv", "item,question", "item,fråga", "saknar kolumnerna question"),
        (
            "population.csv",
            "a1,woman,16-29,250",
            "a1,woman,16-29,250.5",
            "rad 2: kolumnen population är 250.5",
        ),
        ("responses.csv", ",paper,", ",på ett papper,", "rad 2: kolumnen mode"),
        ("strata.csv", "2021,0114-01,", "2021,0114-09,", "strata.csv"),
        ("indicators.csv", "binary", "unary", "indicators.csv"),
    ],
)
def test_a_fault_is_told_with_file_line_and_column(here, folder, file, old, new, told):
    change(folder / file, old, new)
    with pytest.raises(UserError, match=told) as error:
        take_in(here, folder)
    assert "Inget har sparats" in str(error.value) or "saknar kolumnerna" in str(error.value)


def test_a_code_that_is_not_mapped_is_told_at_its_line(here, folder):
    lines = (folder / "responses.csv").read_text().splitlines()
    first = next(number for number, line in enumerate(lines, start=1) if ",paper,b," in line)
    change(folder / "mapping.csv", "drugs,problem_drugs,b,3,1,\n", "")
    with pytest.raises(UserError, match=f"responses.csv, rad {first}: kolumnen drugs är 'b'"):
        take_in(here, folder)


def test_an_age_group_across_ours_is_refused(here, folder):
    for name in ("population.csv", "sample.csv"):
        path = folder / name
        path.write_text(path.read_text().replace("30-44", "25-44").replace("16-29", "16-24"))
    with pytest.raises(UserError, match="rad 3: kolumnen age_group är '25-44' men ska ligga inom"):
        take_in(here, folder)


def test_without_a_mode_in_the_files_it_must_be_said(here, folder):
    path = folder / "responses.csv"
    path.write_text(path.read_text().replace(",mode,", ",").replace(",paper,", ","))
    with pytest.raises(UserError, match="Svarssätt saknas"):
        take_in(here, folder)
    take_in(here, folder, mode="phone")
    assert set(here.scalars(select(Response.mode))) == {"phone"}


@pytest.mark.parametrize("wave", ["", "2019"])
def test_which_of_several_waves_must_be_said(here, folder, wave):
    for name in ("strata", "population", "sample", "responses"):
        path = folder / f"{name}.csv"
        header, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, *rows, *(row.replace("2021", "2020", 1) for row in rows)]) + "\n")
    with pytest.raises(UserError, match=r"omgångarna 2020, 2021\. Säg vilken med --wave"):
        take_in(here, folder, wave=wave)
    assert take_in(here, folder, wave="2020").answers == 480
    assert take_in(here, folder, wave="2021").answers == 480


def test_a_municipality_that_is_not_loaded_is_refused(quick, folder):
    with pytest.raises(UserError, match="kommunerna 0114, 0180, 0187 är inte inlästa"):
        take_in(quick, folder)


def test_an_area_that_is_not_loaded_is_refused_and_the_way_out_is_told(quick, folder):
    add_geography(quick, areas=False)
    with pytest.raises(UserError, match=r"'0114-01' är inget inläst delområde\. Skriv en fil areas"):
        take_in(quick, folder)


def test_an_area_with_another_border_at_the_time_is_not_taken_for_ours(here, folder):
    here.execute(update(Area).where(Area.code == "0180-02").values(valid_from=date(2022, 1, 1)))
    with pytest.raises(UserError, match="'0180-02' gällde inte den 2021-09-30"):
        take_in(here, folder)


def test_an_area_of_the_past_gets_a_code_that_no_later_wave_can_use(here, folder):
    rows = [(f"{code}-{n:02}", f"{code}-{n:02}", "") for code in MUNICIPALITIES for n in (1, 2)]
    rows[0] = ("0114-01", "", "Gamla centrum")
    write(folder / "areas.csv", "stratum area_code name", rows)
    assert take_in(here, folder).areas_added == 1
    area = here.get(Area, "0114-2021_01")
    assert (area.name, area.municipality_code) == ("Gamla centrum", "0114")
    assert area.valid_from == area.valid_to == date(2021, 9, 30)
    assert here.get(Stratum, ("2021", "0114-2021_01")).sampled == 160
    assert here.get(Stratum, ("2021", "0114-01")) is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (("0114-01", "0180-01", ""), "hör till kommun 0180, inte 0114"),
        (("0114-01", "0114-77", ""), "är inget inläst delområde"),
        (("0114-01", "0114-02", ""), "inte redan är ett annat stratum"),
        (("0114-01", "", ""), "kolumnen name är ''"),
        (("0114-02", "0114-02", ""), "inte redan står i filen"),
    ],
)
def test_a_fault_in_the_areas_is_told(here, folder, row, told):
    rows = [(f"{code}-{n:02}", f"{code}-{n:02}", "") for code in MUNICIPALITIES for n in (1, 2)]
    write(folder / "areas.csv", "stratum area_code name", [row, *rows[1:]])
    with pytest.raises(UserError, match=told):
        take_in(here, folder)


def totals_only(folder):
    rows = [
        ("2021", code, "", sex, band, 760)
        for code in MUNICIPALITIES
        for sex in ("woman", "man")
        for band in ("16-29", "30-44", "45-64", "65-84")
    ]
    write(folder / "population.csv", "wave municipality_code area legal_gender age_group population", rows)


def test_totals_of_whole_municipalities_become_the_official_ones_of_the_date(here, folder):
    totals_only(folder)
    take_in(here, folder)
    assert here.scalar(select(func.count()).select_from(FrameCount)) == 0
    assert set(here.scalars(select(PopulationCount.population))) == {760}
    assert set(here.scalars(select(PopulationCount.reference_date))) == {date(2021, 9, 30)}


def test_official_totals_that_are_loaded_already_are_left_as_they_are(here, folder):
    totals_only(folder)
    for sex in ("woman", "man"):
        for band in ("16-29", "30-44", "45-64", "65-84"):
            cell = {"legal_gender": sex, "age_group": band, "population": 750}
            here.add(PopulationCount(reference_date=date(2021, 9, 30), municipality_code="0114", **cell))
    take_in(here, folder)
    stored = here.execute(select(PopulationCount.municipality_code, PopulationCount.population).distinct())
    assert {tuple(row) for row in stored} == {("0114", 750), ("0180", 760), ("0187", 760)}


def test_totals_in_other_age_groups_than_the_loaded_ones_are_refused(here, folder):
    totals_only(folder)
    cell = {"legal_gender": "woman", "age_group": "16-19", "population": 750}
    here.add(PopulationCount(reference_date=date(2021, 9, 30), municipality_code="0114", **cell))
    with pytest.raises(UserError, match="redan inläst med åldersgrupperna 16-19"):
        take_in(here, folder)


def test_a_template_names_every_code_that_was_found(folder):
    lines = mapping_template(folder, "trygghet").splitlines()
    assert lines[0] == "item,question,code,option,comparable,note"
    assert [line for line in lines if line.startswith("drugs")] == [f"drugs,,{code},,," for code in "abcdx"]
    assert sum(line.startswith("worry,") for line in lines) == 5


def test_a_template_suggests_the_question_of_the_same_name(folder):
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text().replace("litter", "problem_litter"))
    lines = mapping_template(folder, "trygghet").splitlines()
    assert "problem_litter,problem_litter,3,3,," in lines
