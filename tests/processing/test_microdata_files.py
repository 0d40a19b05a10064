"""Microdata of a wave: whole, coarse, marked, for a named analyst, and only when nobody can be found."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from analysis.microdata import DESIGN, FEWEST, smallest_cell
from survey.errors import UserError
from survey.models.audit_event import AuditEvent
from survey.models.case import Case
from survey.models.response import Response
from survey.models.wave import SampleCount, Wave
from survey.notice import NOTICE
from survey.preparation.waves import questionnaire_of
from survey.processing import microdata
from survey.processing.codebook import SUPPRESSED
from survey.processing.microdata import Microdata, export_microdata, prepare_microdata

CODE, DECISION, ANALYST = "2022", "2026/17-5", "analytiker@example.se"
AddWave = Callable[..., Wave]


def export(session: Session, target: Path) -> Microdata:
    return export_microdata(
        session, prepare_microdata(session, CODE, DECISION), target, analyst=ANALYST, by="tests"
    )


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_every_answer_is_there_once_in_cells_of_five_or_more(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE)
    # Three are left of the youngest in one area: no place can take the area, and they lose age and sex.
    few = sqlite_session.scalars(
        select(Response).where(Response.area_code == "0114-01", Response.age_group == "16-29").limit(17)
    ).all()
    for response in few:
        sqlite_session.delete(response)
    sqlite_session.flush()
    written = export(sqlite_session, tmp_path / "uttag.csv")
    table = read(written.data)
    table["weight"] = table["weight"].astype(float)
    answers = sqlite_session.scalars(select(Response)).all()
    assert written.rows == len(table) == len(answers) == 480 - 17
    assert smallest_cell(table) >= FEWEST
    assert set(table["row"]) == {str(number) for number in range(1, len(table) + 1)}
    assert set(table["notice"]) == {NOTICE}
    assert written.data.name == "uttag-SIMULERADE-SVAR.csv"
    levels = table.groupby("place_level").size().to_dict()
    assert levels == {"area": 5 * 80, "all": 80 - 17}
    # The three take one cell of ten along, so that those with nothing left are not few.
    assert written.suppressed == {"legal_gender": 13, "age_group": 13}
    # The population is 250 or 500 in each of eight groups of each area.
    assert table["weight"].sum() == pytest.approx(3 * 8 * (250 + 500))
    said = sorted(json.loads(answer.answers).get("housing", "") for answer in answers)
    assert sorted(table["housing"]) == said
    assert not {"gender", "mode", "language", "case_id", "submitted_on"} & set(table)


def test_weights_say_no_more_than_the_design_variables(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE)
    table = read(export(sqlite_session, tmp_path / "uttag.csv").data)
    assert table.groupby(list(DESIGN))["weight"].nunique().eq(1).all()


def test_the_order_is_another_each_time_and_the_rows_the_same(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE)
    first, second = (read(export(sqlite_session, tmp_path / f"{name}.csv").data) for name in "ab")
    assert not first.equals(second)
    columns = [name for name in first if name != "row"]
    in_order = [table[columns].sort_values(columns).reset_index(drop=True) for table in (first, second)]
    pd.testing.assert_frame_equal(*in_order)


def test_the_codebook_counts_every_code_and_what_is_suppressed(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE)
    written = export(sqlite_session, tmp_path / "uttag.csv")
    table, book = read(written.data), read(written.codebook)
    for variable in ("place", "legal_gender", "age_group", "housing", "police_trust"):
        rows = book[book["variable"].eq(variable) & book["label"].ne(SUPPRESSED)]
        counted = dict(zip(rows["value"], rows["rows"].astype(int), strict=True))
        assert {code: number for code, number in counted.items() if number} == (
            table[variable].value_counts().to_dict()
        )
    suppressed = book[book["label"].eq(SUPPRESSED)]
    assert dict(zip(suppressed["variable"], suppressed["rows"].astype(int), strict=True)) == {
        name: int(table[name].eq("").sum()) for name in ("legal_gender", "age_group")
    }
    assert DECISION in set(book["value"])


def test_the_audit_log_keeps_who_got_how_many_rows(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE)
    written = export(sqlite_session, tmp_path / "uttag.csv")
    event = sqlite_session.scalars(select(AuditEvent).where(AuditEvent.action == "export microdata")).one()
    detail = json.loads(event.detail)
    assert (detail["analyst"], detail["decision"], detail["rows"]) == (ANALYST, DECISION, written.rows)
    assert detail["suppressed"] == written.suppressed
    assert len(detail["sha256"]) == 64


def test_real_answers_leave_only_when_the_cases_are_destroyed(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    add_wave(sqlite_session, CODE, synthetic=False)
    with pytest.raises(UserError, match="kopplingen mellan person och svar"):
        export(sqlite_session, tmp_path / "uttag.csv")
    assert list(tmp_path.glob("*uttag*")) == []
    cells = sqlite_session.execute(select(Case.area_code, Case.legal_gender, Case.age_group).distinct()).all()
    names = ("area_code", "legal_gender", "age_group")
    rows = [{"wave_code": CODE, "sampled": 20, **dict(zip(names, cell, strict=True))} for cell in cells]
    sqlite_session.execute(insert(SampleCount), rows)
    sqlite_session.execute(delete(Case))
    written = export(sqlite_session, tmp_path / "uttag.csv")
    assert written.data.name == "uttag.csv"
    assert "notice" not in read(written.data)


def test_an_export_cut_short_is_stopped_and_leaves_nothing(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_wave(sqlite_session, CODE)
    prepared = prepare_microdata(sqlite_session, CODE, DECISION)
    target = tmp_path / "out" / "uttag.csv"
    target.parent.mkdir()
    whole = pd.DataFrame.to_csv

    def cut(table: pd.DataFrame, file: object, **options: object) -> None:
        whole(table.iloc[:-1], file, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(pd.DataFrame, "to_csv", cut)
    with pytest.raises(UserError, match="inte hel: 479 av 480 rader"):
        export_microdata(sqlite_session, prepared, target, analyst=ANALYST, by="tests")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(UserError, match="No space left"):
        export_microdata(sqlite_session, prepared, target, analyst=ANALYST, by="tests")
    monkeypatch.undo()
    fine = prepared.table.copy()
    fine.loc[0, "age_group"] = "16-19"
    with pytest.raises(UserError, match="färre än 5"):
        export_microdata(
            sqlite_session,
            microdata.Prepared(**{**vars(prepared), "table": fine}),
            target,
            analyst=ANALYST,
            by="tests",
        )
    assert list(target.parent.iterdir()) == []
    assert (
        sqlite_session.scalars(select(AuditEvent).where(AuditEvent.action == "export microdata")).all() == []
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [("uttag.xlsx", "sluta på .csv"), ("ingen/uttag.csv", "finns inte"), ("gammal.csv", "finns redan")],
)
def test_a_name_that_will_not_do_is_told_and_nothing_is_written_over(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path, name: str, said: str
) -> None:
    add_wave(sqlite_session, CODE)
    (tmp_path / "gammal-SIMULERADE-SVAR.csv").write_text("kvar")
    with pytest.raises(UserError, match=said):
        export(sqlite_session, tmp_path / name)
    assert (tmp_path / "gammal-SIMULERADE-SVAR.csv").read_text() == "kvar"


@pytest.mark.parametrize("decision", ["", "x" * 61, "a\x00b"])
def test_a_decision_needs_a_number(sqlite_session: Session, add_wave: AddWave, decision: str) -> None:
    add_wave(sqlite_session, CODE)
    with pytest.raises(UserError, match="numret på beslutet"):
        prepare_microdata(sqlite_session, CODE, decision)


def test_an_spss_file_holds_the_same_answers_with_labels_missing_codes_and_weight(
    sqlite_session: Session, add_wave: AddWave, tmp_path: Path
) -> None:
    wave = add_wave(sqlite_session, CODE)
    prepared = prepare_microdata(sqlite_session, CODE, DECISION)
    written = export_microdata(sqlite_session, prepared, tmp_path / "uttag.sav", analyst=ANALYST, by="tests")
    assert written.data.name == "uttag-SIMULERADE-SVAR.sav"
    assert read(written.codebook)["variable"].tolist() == prepared.codebook["variable"].tolist()
    found, about = pyreadstat.read_sav(written.data, user_missing=True)
    assert about.file_label == NOTICE
    assert list(found.columns) == list(prepared.table.columns)
    assert smallest_cell(found) >= FEWEST
    asked = {question.id: question for question in questionnaire_of(wave).questions}
    for name in prepared.table.columns:
        want = prepared.table[name].tolist()
        if name in asked:
            assert [("" if value != value else f"{value:.0f}") for value in found[name]] == want, name
            assert about.variable_value_labels[name] == {
                float(option.code): option.text for option in asked[name].options
            }
            no_answer = {float(each.code) for each in asked[name].options if each.kind != "regular"}
            ranges = about.missing_ranges.get(name, [])
            assert {each["lo"] for each in ranges} == {each["hi"] for each in ranges} == no_answer, name
        else:
            assert found[name].tolist() == want, name
    assert about.column_names_to_labels["weight"].startswith("Vikt")
    assert "age" not in found
    (event,) = sqlite_session.scalars(select(AuditEvent).where(AuditEvent.action == "export microdata"))
    assert event.subject == CODE
