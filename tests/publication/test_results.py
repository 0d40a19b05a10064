"""Publication reads released rows of the right municipality, and nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import golden
import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from stored_release import RELEASED_AT

from survey.models.release import Release
from survey.models.sampling_plan import SamplingPlan
from survey.models.wave import Stratum
from survey.publication import releases, results
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload
from survey.publication.released import Drawn


def test_what_is_stored_is_read_back_as_it_was(released_session: Session) -> None:
    made = golden.release(synthetic=True, areas=3)
    read = results.read_released(released_session, "2019", "0182", SERVICE)
    pd.testing.assert_frame_equal(
        read.estimates.drop(columns="released").astype(made.estimates.drop(columns="released").dtypes),
        made.estimates.drop(columns="released"),
    )
    report = results.municipality_report(released_session, "2019", "0182", SERVICE)
    assert report.indicators[0].total == build_payload(made).indicators[0].total
    assert report.release.hashes == (("svar", "abc123"),)
    assert report.release.released_on_iso == "2023-02-01"
    assert report.previous is not None
    assert report.previous.code == "2018"


def test_a_release_is_of_the_day_that_it_was_in_sweden() -> None:
    late = datetime(2023, 1, 31, 23, 30, tzinfo=UTC)
    release = Release(wave_code="2019", version=1, synthetic=False, manifest="{}", released_at=late)
    assert releases.release_facts(release).released_on == date(2023, 2, 1)


def test_a_draft_is_not_there(session: Session, store: Callable[..., int]) -> None:
    store(session, golden.release(areas=2))
    assert releases.released_waves(session, SERVICE) == ()
    with pytest.raises(releases.NotReleased, match="2019"):
        results.municipality_report(session, "2019", "0182", SERVICE)


def test_an_unknown_wave_is_not_released(session: Session) -> None:
    with pytest.raises(releases.NotReleased):
        releases.find_release(session, "1999", SERVICE)


def test_the_newest_release_is_the_one_that_counts(
    released_session: Session, store: Callable[..., int]
) -> None:
    store(released_session, golden.release(areas=3, judge=golden.all_up), version=2, released_at=RELEASED_AT)
    store(released_session, golden.release(areas=3, judge=golden.all_down), version=3)
    assert [wave.version for wave in releases.released_waves(released_session, SERVICE)] == [2]
    report = results.municipality_report(released_session, "2019", "0182", SERVICE)
    assert report.release.version == "2"
    assert report.indicators[0].total.change.verdict == "up"


def other_municipality(session: Session, store: Callable[..., int]) -> None:
    """A second municipality with figures in an earlier wave of another release only."""
    made = golden.release(areas=1, current="2022", earlier="2019")
    tables = {
        name: getattr(made, name).replace({"0182": "0980", "0182-01": "0980-01"})
        for name in ("estimates", "changes", "response_rates", "diagnostics")
    }
    place = replace(made.place, code="0980", name="Gotland", areas={"0980-01": "Område 1"})
    store(session, replace(made, place=place, **tables), released_at=RELEASED_AT)


def test_a_municipality_sees_its_own_waves_only(released_session: Session, store: Callable[..., int]) -> None:
    other_municipality(released_session, store)
    assert [wave.code for wave in releases.released_waves(released_session, SERVICE)] == ["2022", "2019"]
    assert [wave.code for wave in releases.released_waves(released_session, SERVICE, "0182")] == ["2019"]
    assert [wave.code for wave in releases.released_waves(released_session, SERVICE, "0980")] == ["2022"]
    with pytest.raises(releases.NotReleased, match="0182"):
        results.read_released(released_session, "2022", "0182", SERVICE)


def test_a_municipality_reads_no_row_of_another(released_session: Session) -> None:
    released = results.read_released(released_session, "2019", "0182", SERVICE)
    places = set(zip(released.estimates["geography"], released.estimates["code"], strict=True))
    areas = {("area", f"0182-{number:02d}") for number in (1, 2, 3)}
    assert places == {("municipality", "0182"), ("all", "all"), *areas}
    assert set(released.response_rates["municipality_code"]) == {"0182"}


def test_released_waves_say_when_and_what(released_session: Session) -> None:
    (wave,) = releases.released_waves(released_session, SERVICE)
    assert (wave.title, wave.synthetic, wave.released_on) == ("Trygghetsmätning 2019", True, date(2023, 2, 1))
    assert releases.released_municipalities(released_session, "2019", SERVICE) == (("0182", "Nacka"),)


def test_what_a_plan_drew_comes_with_the_place(released_session: Session) -> None:
    assert results.read_released(released_session, "2019", "0182", SERVICE).place.drawn is None
    plan = {"rule": "neyman", "answers": 1, "floor": 1, "expected_rate": 0.5, "area_factors": "{}"}
    released_session.add(SamplingPlan(wave_code="2019", young_factor=2.0, young_until=24, **plan))
    areas = released_session.scalars(select(Stratum).where(Stratum.wave_code == "2019")).all()
    # Everybody was drawn in the first area, which says nothing of how many the others were to be.
    for area, (persons, drawn) in zip(areas, [(9, 9), (900, 80), (900, 240)], strict=True):
        area.population, area.sampled = persons, drawn
    released_session.flush()
    assert results.read_released(released_session, "2019", "0182", SERVICE).place.drawn == Drawn(
        80, 240, 24, 2.0
    )
