"""Situation pictures: one structure on every level, parts that add up, released figures and verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from pictured import DISTRICT, NOW, POLICE_AREA, REGION, TODAY, add_pictured_wave
from released_wave import NACKA, VAXHOLM, WAVE
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.config import Settings
from survey.database import Databases
from survey.followup.pictures import stored
from survey.followup.pictures.beside import events_use, narrowed
from survey.followup.pictures.composing import compose
from survey.followup.pictures.content import Happening, OtherSeries, Picture, Promised, SourceUse, Text
from survey.followup.pictures.seen import seen_by
from survey.followup.pictures.sharing import EVERYBODY, Partner
from survey.followup.pictures.sheets import picture_sheets
from survey.followup.places import Level, place
from survey.models.release import Change, Estimate
from survey.models.source import SourceAudience
from survey.publication import numbers
from survey.publication.embargo import SERVICE, reader_of
from survey.publication.releases import NotReleased

PLACES = {
    Level.AREA: f"{NACKA}-01",
    Level.MUNICIPALITY: NACKA,
    Level.DISTRICT: DISTRICT,
    Level.POLICE_AREA: POLICE_AREA,
    Level.REGION: REGION,
    Level.NATION: "SE",
}
OF_ROWS = {Level.AREA: "area", Level.MUNICIPALITY: "municipality"}


@pytest.fixture
def session(sqlite_databases: Databases) -> Iterator[Session]:
    """On one database: what is read is the same on both."""
    with Session(sqlite_databases.survey) as opened:
        yield opened
        opened.rollback()


def picture_of(session: Session, level: Level, code: str) -> Picture:
    return compose(session, place(session, level, code, TODAY), WAVE, SERVICE, TODAY)


def test_pictures_have_one_structure_and_add_up_over_the_levels(session: Session, settings: Settings) -> None:
    release_id = add_pictured_wave(session, settings.output)
    pictures = {level: picture_of(session, level, code) for level, code in PLACES.items()}
    area, nacka, district, police_area, region, nation = pictures.values()
    vaxholm = picture_of(session, Level.MUNICIPALITY, VAXHOLM)

    names = [one.name for one in picture_sheets(nacka)]
    columns = [[column.label for column in one.columns] for one in picture_sheets(nacka)]
    for picture in pictures.values():
        given = orjson.loads(stored.as_json(picture))
        assert faults(given, stored.schema(), stored.schema()["$defs"]["Picture"]) == []
        assert stored.from_json(stored.as_json(picture)) == picture
        sheets = picture_sheets(picture)
        assert [one.name for one in sheets] == names
        assert [[column.label for column in one.columns] for one in sheets] == columns
        assert picture.synthetic and picture.notice

    # Each part is exactly what its own picture says.
    own = {NACKA: nacka.measures, VAXHOLM: vaxholm.measures}
    for whole in (district, police_area, region, nation):
        assert {one.place.code: one.measures for one in whole.parts} == own
    assert nacka.parts[0].measures == area.measures
    assert [one.place.code for one in nacka.parts] == [f"{NACKA}-01", f"{NACKA}-02"]
    assert [one.code for one in police_area.children] == ["L1", "L2"]
    assert [one.code for one in area.parents] == [NACKA, DISTRICT, POLICE_AREA, REGION, "SE"]

    assert {one.previous for one in (*district.parts, *nacka.parts)} == {nacka.period.previous}
    assert all(
        one.other(name) == whole.measure(name).now  # type: ignore[union-attr]
        for picture, whole in ((nacka, region), (area, nacka))
        for one in picture.beside[:1]
        for name in (*one.higher, *one.lower)
    )
    assert nacka.beside[0].others

    # No figure is made of a union that none was released of.
    assert [one.joint for one in pictures.values()] == [True, True, False, False, True, False]
    for without in (district, police_area, nation):
        assert without.measures == () and without.profile.order == () and without.groups == ()
        assert "räknas inte ihop" in without.joint_note
        assert without.joint_note in without.limits

    every_figure_is_a_released_row(session, release_id, pictures)


def every_figure_is_a_released_row(
    session: Session, release_id: int, pictures: Mapping[Level, Picture]
) -> None:
    """Read straight from the tables, apart from what the pictures are made by."""
    for level in (Level.AREA, Level.MUNICIPALITY, Level.REGION):
        picture = pictures[level]
        where = {"geography": OF_ROWS.get(level, "all"), "code": PLACES[level], "gender": "all"}
        where["code"] = "all" if level is Level.REGION else where["code"]
        where |= {"age_group": "all", "statistic": "proportion", "release_id": release_id, "wave": WAVE}
        estimates = {row.indicator: row for row in session.scalars(select(Estimate).filter_by(**where))}
        changes = {row.indicator: row for row in session.scalars(select(Change).filter_by(**where))}
        assert {one.indicator for one in picture.measures} == set(estimates)
        for one in picture.measures:
            row, change = estimates[one.indicator], changes[one.indicator]
            assert one.now.shown is row.released
            if row.released and row.estimate is not None:
                assert one.now.value == numbers.whole_percent(row.estimate)
            assert one.change.verdict == (change.verdict if change.released else "")
        told = picture.development
        certain = {name for name, row in changes.items() if row.released and row.verdict in ("up", "down")}
        assert {*told.better, *told.worse} == certain
        assert len(told.sentences) == len(certain)
        assert set(told.unknown) == {
            name for name, row in changes.items() if row.released and row.verdict == "too_uncertain"
        }
        shares = [one.now.value for name in picture.profile.order if (one := picture.measure(name))]
        assert shares == sorted(shares, key=lambda share: -(share or 0))


def test_a_reader_sees_what_the_embargo_and_the_audience_allow(session: Session, settings: Settings) -> None:
    add_pictured_wave(session, settings.output)
    here = place(session, Level.MUNICIPALITY, NACKA, TODAY)
    with pytest.raises(NotReleased):  # a month before it opened
        compose(session, here, WAVE, reader_of("municipality", NOW.replace(month=1)), TODAY)
    picture = compose(session, here, WAVE, reader_of("municipality", NOW), TODAY)
    assert picture.vulnerable.areas == () and "inte inläst" in picture.vulnerable.said
    assert [one.used for one in picture.sources] == [True, False, False, False]

    series = OtherSeries("x", "Larm", "Polisen", "", "st", "month", "police", False, "2020-02-01", ())
    event = Happening("2019-09-01", "", "annat", "Något", "Polisen", "Nacka", "municipality")
    texts = tuple(
        Text(f"note-{number}", "Anteckning", f"för {audience}", audience, "2020-02-01")
        for number, audience in enumerate(("public", "municipality", "police"), start=1)
    )
    whole = replace(picture, other_sources=(series,), events=(event,), texts=texts)
    told = {
        audience: (len(seen.other_sources), len(seen.events), len(seen.notes))
        for audience in SourceAudience
        if (seen := seen_by(whole, audience))
    }
    assert told == {"public": (0, 0, 1), "municipality": (0, 1, 2), "police": (1, 1, 3)}
    # Two series by one title: the row of the one that is read by fewer goes, the other's stays.
    shared, larm = replace(series, code="y", audience="public"), SourceUse("Larm", True, "", "", "x")
    both = replace(whole, other_sources=(series, shared), sources=(larm, replace(larm, series="y")))
    assert [one.series for one in seen_by(both, SourceAudience.MUNICIPALITY).sources] == ["y"]
    assert [one.series for one in seen_by(both, SourceAudience.POLICE).sources] == ["x", "y"]
    # That there are events is told to those alone who may read one.
    whole = replace(whole, sources=(*picture.sources[:-1], events_use(told=True)))
    assert [seen_by(whole, one).sources[-1].used for one in SourceAudience] == [False, True, True]


def test_a_promise_that_is_not_published_is_read_by_those_who_have_a_part_in_it(
    session: Session, settings: Settings
) -> None:
    """By role, level and whose it is: the least that each needs."""
    add_pictured_wave(session, settings.output)
    empty = Promised("", "", "sv", "", "", (), "", "", "", (), (), "", "municipality")
    partners = {
        "region": Partner("analyst", None, None, frozenset()),
        "police": Partner("police", None, DISTRICT, frozenset({NACKA, VAXHOLM})),
        "police of Vaxholm": Partner("police", None, "L2", frozenset({VAXHOLM})),
        "Nacka": Partner("municipality", NACKA, None, frozenset()),
        "everybody": EVERYBODY,
    }
    both = ["N", "V", "open"]
    reads = {
        Level.MUNICIPALITY: (both, both, both, both, ["open"]),
        Level.DISTRICT: (both, both, both, ["open"], ["open"]),
        **dict.fromkeys(
            (Level.POLICE_AREA, Level.REGION, Level.NATION),
            (both, both, ["V", "open"], ["open"], ["open"]),
        ),
    }
    for level, expected in reads.items():
        whole = replace(
            picture_of(session, level, PLACES[level]),
            promises=tuple(
                replace(
                    empty,
                    title=title,
                    municipality_code=code,
                    audience=narrowed(SourceAudience(audience), Level.MUNICIPALITY, level).value,
                )
                for title, code, audience in (
                    ("N", NACKA, "municipality"),
                    ("V", VAXHOLM, "municipality"),
                    ("open", NACKA, "public"),
                )
            ),
        )
        for (name, who), titles in zip(partners.items(), expected, strict=True):
            seen = seen_by(whole, who.audience, who.own)
            assert [one.title for one in seen.promises] == titles, (level, name)
    # A picture signed before the numbers were kept is read as it was.
    kept = orjson.loads(stored.as_json(whole))
    for one in kept["promises"]:
        del one["promise_id"], one["municipality_code"]
    older = stored.from_json(orjson.dumps(kept))
    assert [one.title for one in seen_by(older, SourceAudience.POLICE, {NACKA}).promises] == ["open"]


def faults(given: Any, schema: Mapping[str, Any], kind: Mapping[str, Any], at: str = "") -> list[str]:
    """Where a value is not what the schema says; the few words of the language that the schema uses."""
    if "$ref" in kind:
        return faults(given, schema, schema["$defs"][kind["$ref"].split("/")[-1]], at)
    allowed = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
    if not any(isinstance(given, TYPES[one]) for one in allowed):
        return [f"{at}: {given!r}"]
    found = []
    if isinstance(given, dict):
        found += [f"{at}: {name}" for name in set(given) ^ set(kind["required"])]
        found += [
            fault
            for name, one in kind["properties"].items()
            if name in given
            for fault in faults(given[name], schema, one, f"{at}/{name}")
        ]
    elif isinstance(given, list):
        kinds = kind.get("prefixItems") or [kind["items"]] * len(given)
        found += [
            fault
            for number, (one, of) in enumerate(zip(given, kinds, strict=True))
            for fault in faults(one, schema, of, f"{at}/{number}")
        ]
    return found


TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
