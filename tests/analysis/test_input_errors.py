"""Every kind of malformed input stops with the file, the line and the column it stands in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_surveys import REFERENCE

from analysis.errors import InputError
from analysis.schema import read_bundle

Edit = Callable[[str], str]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REFERENCE / "bundle", tmp_path / "bundle"))


def replace_on_line(number: int, old: str, new: str) -> Edit:
    """Replace a text that must be there, once, on one line (the header is line 1)."""

    def edit(content: str) -> str:
        lines = content.splitlines()
        if old not in lines[number - 1]:
            raise AssertionError(f"{old!r} is not on line {number}: {lines[number - 1]!r}")
        lines[number - 1] = lines[number - 1].replace(old, new, 1)
        return "\n".join(lines) + "\n"

    return edit


def append(line: str) -> Edit:
    return lambda content: content + line + "\n"


def without_line(number: int) -> Edit:
    return lambda content: "".join(
        line for position, line in enumerate(content.splitlines(keepends=True), start=1) if position != number
    )


CASES: dict[str, tuple[str, Edit, tuple[str, int, str], str]] = {
    "missing column": (
        "strata.csv",
        replace_on_line(1, "sampled", "drawn"),
        ("strata.csv", 1, "sampled"),
        "drawn",
    ),
    "column twice": (
        "sample.csv",
        replace_on_line(1, "person_id", "case_id"),
        ("sample.csv", 1, "case_id"),
        "2 times",
    ),
    "a row too long": (
        "strata.csv",
        replace_on_line(5, "0115-1", "0115-1,7"),
        ("strata.csv", 5, ""),
        "7 values",
    ),
    "other marks between the values": (
        "strata.csv",
        lambda content: content.replace(",", ";"),
        ("strata.csv", 1, ""),
        "wave;stratum",
    ),
    "a municipality's code without its zero": (
        "population.csv",
        replace_on_line(2, "0115", "115"),
        ("population.csv", 2, "municipality_code"),
        "'115'",
    ),
    "a wave that nothing was drawn in": (
        "sample.csv",
        replace_on_line(3, "2024", "2024 "),
        ("sample.csv", 3, "wave"),
        "'2024 '",
    ),
    "unknown sex": (
        "sample.csv",
        replace_on_line(3, "woman", "kvinna"),
        ("sample.csv", 3, "legal_gender"),
        "'kvinna'",
    ),
    "unknown reported gender": (
        "responses.csv",
        replace_on_line(2, "woman", "female"),
        ("responses.csv", 2, "gender"),
        "'female'",
    ),
    "unknown answer code": (
        "responses.csv",
        replace_on_line(3, "paper,1", "paper,7"),
        ("responses.csv", 3, "q01"),
        "'7'",
    ),
    "unknown stratum": (
        "sample.csv",
        replace_on_line(4, "0115-1", "0115-9"),
        ("sample.csv", 4, "stratum"),
        "'0115-9'",
    ),
    "unknown area in the totals": (
        "population.csv",
        replace_on_line(2, "0115,1", "0115,9"),
        ("population.csv", 2, "area"),
        "'9'",
    ),
    "unknown type of indicator": (
        "indicators.csv",
        replace_on_line(2, "binary", "boolean"),
        ("indicators.csv", 2, "type"),
        "'boolean'",
    ),
    "indicator without an item": (
        "indicators.csv",
        replace_on_line(3, "q02,q02", "q02,q99"),
        ("indicators.csv", 3, "item"),
        "'q99'",
    ),
    "ordinal levels that are not numbers": (
        "indicators.csv",
        replace_on_line(22, "1 2 3 4 5", "a b c d e"),
        ("indicators.csv", 22, "levels"),
        "'a b c d e'",
    ),
    "duplicate key": (
        "sample.csv",
        append("2024,234,459,0115-1,woman,19,16-24,0"),
        ("sample.csv", 2997, "wave, case_id"),
        "'2024, 234' again, first on line 2",
    ),
    "stratum without population": (
        "strata.csv",
        append("2024,0999-1,0999,1,100,0"),
        ("strata.csv", 40, "stratum"),
        "'0999-1'",
    ),
    "sampled from nobody": (
        "strata.csv",
        replace_on_line(2, "10033", "0"),
        ("strata.csv", 2, "population"),
        "'0'",
    ),
    "more sampled than population": (
        "strata.csv",
        replace_on_line(2, "10033", "70"),
        ("strata.csv", 2, "sampled"),
        "'74'",
    ),
    "sample without a row per person": (
        "strata.csv",
        replace_on_line(3, ",62", ",63"),
        ("strata.csv", 3, "sampled"),
        "63 sampled but 62 rows",
    ),
    "respondent outside the sample": (
        "responses.csv",
        replace_on_line(2, "2024,238", "2024,99999"),
        ("responses.csv", 2, "case_id"),
        "'99999'",
    ),
    "respondent counted as silent": (
        "responses.csv",
        replace_on_line(2, "2024,238", "2024,234"),
        ("responses.csv", 2, "case_id"),
        "'234'",
    ),
    "respondent without answers": ("responses.csv", without_line(2), ("sample.csv", 6, "case_id"), "'238'"),
    "age outside its group": (
        "sample.csv",
        replace_on_line(2, "woman,19", "woman,91"),
        ("sample.csv", 2, "age"),
        "'91'",
    ),
    "age group outside the totals": (
        "sample.csv",
        replace_on_line(2, "16-24", "85-99"),
        ("sample.csv", 2, "age_group"),
        "'85-99'",
    ),
    "age that is not a number": (
        "sample.csv",
        replace_on_line(2, "woman,19", "woman,young"),
        ("sample.csv", 2, "age"),
        "'young'",
    ),
    "text for a count": (
        "population.csv",
        replace_on_line(2, "735", "many"),
        ("population.csv", 2, "population"),
        "'many'",
    ),
    "negative count": (
        "population.csv",
        replace_on_line(3, "911", "-911"),
        ("population.csv", 3, "population"),
        "'-911'",
    ),
    "a part of a person": (
        "strata.csv",
        replace_on_line(2, ",74", ",7.4"),
        ("strata.csv", 2, "sampled"),
        "'7.4'",
    ),
    "responded that is neither 0 nor 1": (
        "sample.csv",
        replace_on_line(2, "16-24,0", "16-24,2"),
        ("sample.csv", 2, "responded"),
        "2",
    ),
    "an empty key": (
        "sample.csv",
        replace_on_line(2, "2024,234", "2024,"),
        ("sample.csv", 2, "case_id"),
        "''",
    ),
    "a stratum called as totals are": (
        "strata.csv",
        replace_on_line(2, "0115-1", "all"),
        ("strata.csv", 2, "stratum"),
        "'all'",
    ),
    "more people than there are": (
        "strata.csv",
        replace_on_line(2, ",74", ",99999999999999999999"),
        ("strata.csv", 2, "sampled"),
        "99999999999999999999",
    ),
    "totals far from the frame": (
        "population.csv",
        replace_on_line(2, "735", "73500"),
        ("population.csv", 2, "population"),
        "0115",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_input_is_named_by_file_line_and_column(bundle: Path, case: str) -> None:
    file, edit, place, found = CASES[case]
    path = bundle / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    error = caught.value
    assert (error.file, error.line, error.column) == place
    assert found in error.found
    assert error.expected
    assert str(error).startswith(place[0])


def test_bytes_of_another_encoding_are_named_by_line_and_column(bundle: Path) -> None:
    path = bundle / "responses.csv"
    content = path.read_bytes().replace(b"2024,240,woman,paper", "2024,240,woman,pappér".encode("latin-1"), 1)
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("responses.csv", 3, "mode")
    assert "0xe9" in caught.value.found


def test_a_file_cut_off_in_its_header_is_named(bundle: Path) -> None:
    (bundle / "population.csv").write_text("wave,municipality_code,area")
    with pytest.raises(InputError, match=r"population\.csv, line 1: found a header line and nothing after"):
        read_bundle(bundle)


def test_a_missing_file_is_named(bundle: Path) -> None:
    (bundle / "population.csv").unlink()
    with pytest.raises(InputError, match=r"population\.csv: found no such file"):
        read_bundle(bundle)


def test_a_base_that_is_no_condition_and_one_on_an_unknown_item_are_refused(bundle: Path) -> None:
    path = bundle / "indicators.csv"
    lines = [line + ("," if number else ",base") for number, line in enumerate(path.read_text().splitlines())]
    wrong = (
        ("q04", "'q04'"),
        ("q99=1", "'q99'"),
        ("wave=2024", "'wave'"),
        ("q03=1|q04=11", "'q04=11'"),
    )
    for base, found in wrong:
        edited = [*lines[:5], lines[5] + base, *lines[6:]]
        path.write_text("\n".join(edited) + "\n")
        with pytest.raises(InputError) as caught:
            read_bundle(bundle)
        assert (caught.value.line, caught.value.column, caught.value.found) == (6, "base", found)


def test_unions_of_unknown_strata_and_incomplete_age_groups_are_refused(bundle: Path) -> None:
    domains = bundle / "domains.csv"
    domains.write_text("wave,geography,code,stratum\n2024,district,1,0115-1\n2024,district,1,0115-8\n")
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("domains.csv", 3, "stratum")
    domains.unlink()
    (bundle / "age_groups.csv").write_text("age_group,reporting_age_group\n16-24,young\n")
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    assert (caught.value.file, caught.value.found) == ("age_groups.csv", "no row for 25-34")


def test_the_untouched_bundle_is_read(bundle: Path) -> None:
    read = read_bundle(bundle)
    assert read.waves == ("2024", "2025")
    assert len(read.sample) == 2995
    assert read.items[0] == "q01"


OPTIONAL_HEADERS = {
    "margins.csv": "wave,municipality_code,margin,category,population",
    "covariates.csv": "wave,geography,code,rented",
    "breaks.csv": "wave,indicator,municipality_code,cause,bridge,bridge_se",
    "items.csv": "wave,item,definition",
    "published.csv": "wave,geography,code,gender,age_group,indicator,statistic,"
    "estimate,source,n,lower,upper,se",
    "domains.csv": "wave,geography,code,stratum",
    "age_groups.csv": "age_group,reporting_age_group",
    "indices.csv": "index,item,level,score",
    "routing.csv": "item,base",
}
PUBLISHED_SE = "2020,municipality,0115,all,all,q01,proportion,0.4,report,200,,,0"
PUBLISHED = "2020,municipality,0115,all,all,q01,proportion,0.4,report,200,0.3,0.5,"


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        ("margins.csv", "2023,0115,legal_gender,woman,9000", "wave"),
        ("margins.csv", "2024,0999,legal_gender,woman,9000", "municipality_code"),
        ("margins.csv", "2024,0115,income,low,9000", "margin"),
        ("margins.csv", "2024,0115,legal_gender,woman,many", "population"),
        ("covariates.csv", "2023,area,0115-1,0.4", "wave"),
        ("covariates.csv", "2024,area,0115-9,0.4", "code"),
        ("covariates.csv", "2024,area,0115-1,inf", "rented"),
        ("breaks.csv", "2023,q01,,mode,,", "wave"),
        ("breaks.csv", "2025,q99,,mode,,", "indicator"),
        ("breaks.csv", "2025,q01,,weather,,", "cause"),
        ("breaks.csv", "2025,q01,,mode,2,0.1", "bridge"),
        ("breaks.csv", "2025,q01,,mode,0.02,", "bridge_se"),
        ("items.csv", "2023,q01,a", "wave"),
        ("items.csv", "2024,q99,a", "item"),
        ("items.csv", "2024,q01,", "definition"),
        ("published.csv", PUBLISHED.replace("2020", "2024"), "wave"),
        ("published.csv", PUBLISHED.replace("all,all", "kvinna,all"), "gender"),
        ("published.csv", PUBLISHED.replace("proportion", "mean"), "statistic"),
        ("published.csv", PUBLISHED.replace("0.4", "40"), "estimate"),
        ("published.csv", PUBLISHED.replace("200", "-1"), "n"),
        ("published.csv", PUBLISHED.replace("0.5", "0.35"), "upper"),
        ("domains.csv", "2024,area,1,0115-1", "geography"),
        ("age_groups.csv", "16-25,young", "age_group"),
        ("indices.csv", "fear,q01,1,10", "index"),
        ("routing.csv", "q99,q01=1", "item"),
        ("routing.csv", "q02,q01", "base"),
        ("routing.csv", "q02,", "base"),
        ("routing.csv", "q02,q99=1", "base"),
        ("routing.csv", "q02,q01=77", "base"),
        ("routing.csv", "q02,gender=woman", "base"),
        ("age_groups.csv", "16-24,all", "reporting_age_group"),
        ("domains.csv", "2024,district,all,0115-1", "code"),
        ("published.csv", PUBLISHED_SE, "se"),
        ("routing.csv", "q02,q01=1|q01=0\nq03,q01=1|q99=2", "base"),
    ],
)
def test_optional_files_are_named_by_line_and_column(bundle: Path, file: str, row: str, column: str) -> None:
    (bundle / file).write_text(f"{OPTIONAL_HEADERS[file]}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_bundle(bundle)
    last = 1 + len(row.splitlines())
    assert (caught.value.file, caught.value.line, caught.value.column) == (file, last, column)
    assert caught.value.expected
