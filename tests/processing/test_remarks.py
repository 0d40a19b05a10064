"""Everything the statistics can remark is told in Swedish, what to look at first."""

from dataclasses import asdict

from analysis.remarks import SENTENCES, Remark
from survey.processing.remarks import BLANK, KINDS, by_kind

VALUES = {
    "counted": 1234.0,
    "total": 1250.0,
    "sex": "woman",
    "ages": "16-19 20-24",
    "areas": "0180-01 0180-02",
    "cells": "woman 16-24, woman 25-34",
    "lowest": 0.31,
    "highest": 3.5,
    "low": 0.3,
    "high": 3.0,
    "margin": "area",
    "category": "0180-c2",
    "deviation": 0.012,
    "left": "the margin sex_age",
    "share": 0.0123,
    "factor": 5.0,
    "previous_wave": "2024",
    "left_out": "0181",
}


def test_every_remark_of_the_statistics_has_its_swedish_words() -> None:
    # No release has small areas or published figures in it, and blank forms never reach the statistics.
    assert set(SENTENCES) - {"small_areas", "published_unused"} == set(KINDS) - {BLANK}
    remarks = [Remark("2026", "0180", "step", kind, "0180:woman:16-24", 12, VALUES) for kind in KINDS]
    told = by_kind([asdict(one) for one in remarks], {"0180": "Stockholm"})
    lines = [line for group in told for line in group.lines]
    assert len(lines) == len(KINDS)
    assert all(line.startswith("2026, Stockholm: ") and "{" not in line for line in lines)
    assert "2026, Stockholm: Kvinnor 16–24 år: 12 svar tillsammans." in lines
    assert "2026, Stockholm: 1,2 procent av vikterna är sänkta, 12 svar." in lines
    assert [group.check for group in told] == sorted((group.check for group in told), reverse=True)
    assert not any("Merged" in line or "weights" in line for line in lines)


def test_groups_told_together_are_told_without_codes() -> None:
    cells = ["woman 16-19, woman 20-24", "woman:16-19/woman:20-24", "0180-01:man"]
    stored = [asdict(Remark("2026", "all all", "", "cell_collapsed", cell, 30, VALUES)) for cell in cells]
    told = by_kind([{**one, "kind": "strata_collapsed"} for one in stored], {})
    assert told[0].lines == (
        *["2026, hela regionen: Kvinnor 16–19 år, kvinnor 20–24 år: 30 svar tillsammans."] * 2,
        "2026, hela regionen: 0180-01 män: 30 svar tillsammans.",
    )


def test_a_remark_of_a_kind_that_is_not_known_is_told_all_the_same() -> None:
    stored = {**asdict(Remark("", "", "small_areas", "small_areas")), "values": {}}
    (told,) = by_kind([stored], {})
    assert told.check
    assert "not for publication" in told.lines[0]
