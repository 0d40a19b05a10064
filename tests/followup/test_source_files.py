"""Levels, vulnerable areas and series by file: what is read in, what is kept, and what is refused where."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.errors import Faults, UserError
from survey.followup import source_files
from survey.followup.places import Level, Place, children, parents, place
from survey.followup.series.lookup import find_series, places_with, series_of
from survey.followup.series.versions import former_values
from survey.followup.source_files import Sent, sent_file
from survey.followup.vulnerable import classes_by_year, ever_listed, vulnerable, years_read
from survey.models.source import SeriesValue, SourceAudience, SourceFile, SourceKind, VulnerableListing

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = date(2026, 11, 26)
VAXHOLM = Place(Level.MUNICIPALITY, "0187", "Vaxholm")
ABOUT = {
    "code": "anmalda-brott",
    "title": "Anmälda brott",
    "source": "Brottsförebyggande rådet",
    "limits": "Bara anmälda brott.",
    "unit": "antal",
    "audience": "municipality",
}
INVENTED = ABOUT | {"synthetic": "ja"}
SERIES = (
    "level;code;period;value;note\nmunicipality;0187;2026-01;12;\nmunicipality;0187;2026-02;;mindre än 5\n"
)
VULNERABLE = (
    "year,name,class,municipality_code,district_code,area_codes,source\n"
    "2021,Fisksätra,Riskområde,0182,L2,0182-02,Polisen\n"
    "2023,Fisksätra,utsatt,0182,L2,0182-02,Polisen\n"
)
LEVELS = (
    "level,code,name,parent_level,parent_code,valid_from,valid_to\n"
    "district,L3,Kalmar Öland,police_area,5617,2020-01-01,\n"
    "police_area,5617,Kalmar Kronoberg,region,5600,2020-01-01,\n"
    "region,5600,Syd,,,,\n"
    "municipality,0880,,district,L3,2020-01-01,\n"
)


def sent(kind: SourceKind, text: str | bytes, settings: Mapping[str, str] = ABOUT) -> Sent:
    content = text if isinstance(text, bytes) else text.encode("cp1252")
    return sent_file(kind, "C:\\filer\\test.csv", content, settings)


def load(session: Session, kind: SourceKind, text: str | bytes, settings: Mapping[str, str] = ABOUT) -> str:
    checked = source_files.load(session, sent(kind, text, settings), "någon", NOW)
    return "; ".join((*checked.summary, *checked.remarks))


def test_a_file_is_checked_before_it_is_read_in_and_only_once(levels: Session) -> None:
    number = source_files.receive(levels, sent(SourceKind.SERIES, SERIES), "någon", NOW)
    assert series_of(levels, VAXHOLM, DAY, SourceAudience.POLICE) == []
    assert source_files.check_again(levels, number).summary[0] == "Nya värden: 2"
    source_files.accept(levels, number, "en annan", NOW)
    status = source_files.find_file(levels, number)
    assert (status.file_name, status.accepted_by, status.words) == (
        "test.csv",
        "en annan",
        "Serie anmalda-brott",
    )
    assert status.result.startswith("Nya värden: 2; Ändrade värden: 0")
    for again in (source_files.check_again, lambda session, file: source_files.discard(session, file, "x")):
        with pytest.raises(UserError, match="redan inläst"):
            again(levels, number)
    other = source_files.receive(levels, sent(SourceKind.SERIES, SERIES), "någon", NOW)
    source_files.discard(levels, other, "någon")
    assert [file.id for file in source_files.files(levels)] == [number]


def test_a_series_keeps_its_source_and_limits_and_is_read_by_its_audience(levels: Session) -> None:
    load(levels, SourceKind.SERIES, SERIES)
    (found,) = series_of(levels, VAXHOLM, DAY, SourceAudience.MUNICIPALITY)
    assert (found.source, found.limits, found.read_on) == (
        "Brottsförebyggande rådet",
        "Bara anmälda brott.",
        DAY,
    )
    assert found.values == (("2026-01", 12.0, ""), ("2026-02", None, "mindre än 5"))
    assert series_of(levels, VAXHOLM, DAY) == []  # everybody may not read it
    with pytest.raises(UserError, match="ingen serie"):
        find_series(levels, "anmalda-brott")
    # What had not ended yet is not there, and another place has a series of its own.
    (before,) = series_of(levels, VAXHOLM, date(2026, 2, 27), SourceAudience.POLICE)
    assert [point.period for point in before.values] == ["2026-01"]
    assert series_of(levels, place(levels, Level.DISTRICT, "L1", DAY), DAY, SourceAudience.POLICE) == []


def test_a_later_file_makes_a_new_version_and_the_old_values_are_kept(anywhere: Session) -> None:
    load(anywhere, SourceKind.SERIES, SERIES)
    told = load(
        anywhere, SourceKind.SERIES, SERIES.replace(";12;", ";13;") + "municipality;0187;2026-03;4,5;\n"
    )
    assert "Nya värden: 1; Ändrade värden: 1; Oförändrade värden: 1" in told
    (found,) = series_of(anywhere, VAXHOLM, DAY, SourceAudience.POLICE)
    assert [point.value for point in found.values] == [13.0, None, 4.5]
    (former,) = former_values(anywhere, "anmalda-brott", VAXHOLM)
    assert (former.period, former.value, former.file_name) == ("2026-01", 12.0, "test.csv")
    assert anywhere.scalar(select(func.count()).select_from(SeriesValue)) == 4
    # What a file says of a series holds for all its values: it opens none, and hides nothing invented.
    load(anywhere, SourceKind.SERIES, SERIES, INVENTED)
    with pytest.raises(Faults) as fault:
        load(anywhere, SourceKind.SERIES, SERIES, ABOUT | {"audience": "public"})
    assert set(fault.value.by_field) == {"audience", "synthetic"}
    (found,) = series_of(anywhere, VAXHOLM, DAY, SourceAudience.POLICE)
    assert (found.audience, found.synthetic) == ("municipality", True)
    with pytest.raises(UserError, match="för varje månad men filen för varje år"):
        load(anywhere, SourceKind.SERIES, "level,code,period,value,note\nnation,SE,2025,1,\n", INVENTED)


def test_a_table_of_statistics_gives_the_places_that_are_known(levels: Session) -> None:
    table = (
        'Anmälda brott efter region, kön och kvartal\n\n"region";"kön";"2026K1";"2026K2"\n'
        '"00 Riket";"totalt";100;110\n"0187 Vaxholm";"totalt";7;..\n"0187 Vaxholm";"kvinnor";3;4\n'
        '"1480 Göteborg";"totalt";50;60\n'
    )
    about = ABOUT | {"title": "", "code": "kvartal"}
    with pytest.raises(Faults) as told:
        load(levels, SourceKind.SERIES, table.split("\n\n")[1], about)
    assert set(told.value.by_field) == {"title"}  # neither the form nor the file says it
    assert "har utelämnats: 1 (1480)" in load(levels, SourceKind.SERIES, table, about)
    assert places_with(levels, "kvartal") == [(Level.NATION, "SE"), (Level.MUNICIPALITY, "0187")]
    (found,) = series_of(levels, VAXHOLM, DAY, SourceAudience.POLICE)
    assert found.title == "Anmälda brott efter region, kön och kvartal"
    assert [point.value for point in found.values] == [7.0, None]
    load(levels, SourceKind.SERIES, table, about | {"code": "kvinnor", "chosen": "kön=kvinnor"})
    of_women = [
        one for one in series_of(levels, VAXHOLM, DAY, SourceAudience.POLICE) if one.code == "kvinnor"
    ]
    assert [point.value for point in of_women[0].values] == [3.0, 4.0]


def test_vulnerable_areas_have_the_class_of_the_file_and_of_no_other_year(anywhere: Session) -> None:
    load(anywhere, SourceKind.VULNERABLE, VULNERABLE)
    nacka, vaxholm = (place(anywhere, Level.MUNICIPALITY, code, DAY) for code in ("0182", "0187"))
    (found,) = vulnerable(anywhere, nacka, 2023)
    assert (found.official_class, found.district_code, found.source) == ("utsatt område", "L2", "Polisen")
    assert vulnerable(anywhere, vaxholm, 2023) == []
    assert years_read(anywhere) == [2021, 2023]
    assert classes_by_year(ever_listed(anywhere, nacka)) == {
        "Fisksätra": {2021: "riskområde", 2023: "utsatt område"}
    }
    # By district as the file says; by the survey's area as the file says; never the whole municipality's.
    shared, own = (place(anywhere, Level.DISTRICT, code, DAY) for code in ("L1", "L2"))
    assert (vulnerable(anywhere, shared, 2023), len(vulnerable(anywhere, own, 2023))) == ([], 1)
    inside, outside = (place(anywhere, Level.AREA, code, DAY) for code in ("0182-02", "0182-01"))
    assert (len(vulnerable(anywhere, inside, 2023)), vulnerable(anywhere, outside, 2023)) == (1, [])
    assert len(vulnerable(anywhere, Place(Level.NATION, "SE", "Sverige"), 2023)) == 1
    told = load(anywhere, SourceKind.VULNERABLE, VULNERABLE.replace("2023,Fisksätra", "2023,Orminge"))
    assert "2023: 1 område (utsatt område 1). Ersätter listan med 1 områden" in told
    assert [one.name for one in vulnerable(anywhere, nacka, 2023)] == ["Orminge"]
    assert anywhere.scalar(select(func.count()).select_from(VulnerableListing)) == 4


def test_levels_by_file_are_where_the_file_puts_them(levels: Session) -> None:
    assert "Polisområde: 1" in load(levels, SourceKind.LEVELS, LEVELS)
    kalmar = place(levels, Level.MUNICIPALITY, "0880", DAY)
    assert [one.code for one in parents(levels, kalmar, DAY)] == ["L3", "5617", "5600", "SE"]
    assert [one.name for one in children(levels, place(levels, Level.REGION, "5600", DAY), DAY)] == [
        "Kalmar Kronoberg"
    ]
    load(levels, SourceKind.LEVELS, LEVELS.replace("L3,2020-01-01,", "L3,2020-01-01,2025-12-31"))
    assert [one.code for one in parents(levels, kalmar, DAY)] == ["5600", "SE"]


WRONG: list[tuple[str, str | bytes, str]] = [
    ("series", SERIES.replace("0187", "0188"), "test.csv, rad 2: kolumnen code är '0188'.*nivån kommun"),
    ("series", SERIES.replace(";12;", ";tolv;"), "rad 2: kolumnen value är 'tolv'"),
    ("series", SERIES.replace(";12;", ";nan;"), "rad 2: kolumnen value är 'nan'"),
    ("series", SERIES.replace("mindre än 5", ""), "rad 3: kolumnen note är ''.*skälet"),
    ("series", SERIES.replace("2026-02", "2026-13"), "rad 3: kolumnen period"),
    ("series", SERIES.replace("2026-02", "2026"), "rad 3: kolumnen period.*månad, som på rad 2"),
    (
        "series",
        SERIES.replace("2026-02", "2026M01"),
        "rad 3: kolumnen period.*redan står för platsen på rad 2",
    ),
    (
        "series",
        SERIES.replace("municipality", "kommun"),
        "rad 2: kolumnen level.*\n.*rad 3: kolumnen level",
    ),
    ("series", SERIES + "x", "rad 4: 1 fält men rubriken har 5"),
    ("series", "", "Filen .* är tom"),
    ("series", b"\xff\xfe\x00", "ingen text"),
    ("series", "region;2025\n9999 Ingenstans;1\n", "ingen av tabellens 1 platser är inläst"),
    ("series", "hus;2025\nblått;1\n", "ingen variabel för plats. Skriv vilken"),
    (
        "series",
        '{"dimension":{"id":["tid"],"size":[0],"tid":{"category":{"index":[]}}},"value":[]}',
        "ingen variabel för plats",
    ),
    ("vulnerable", VULNERABLE.replace("utsatt,", "farligt,"), "rad 3: kolumnen class är 'farligt'"),
    ("vulnerable", VULNERABLE.replace("0182-02", "0187-01"), "rad 2: kolumnen area_codes"),
    ("vulnerable", VULNERABLE.replace("2021,", "2023,"), "rad 3: kolumnen name.*rad 2"),
    ("vulnerable", VULNERABLE.replace("L2", "L9"), "rad 2: kolumnen district_code"),
    ("vulnerable", VULNERABLE.replace("year,", "år,"), "saknar kolumnerna year"),
    (
        "levels",
        LEVELS.replace("region,5600,2020", "region,5601,2020"),
        "rad 3: kolumnen parent_code är '5601'",
    ),
    (
        "levels",
        LEVELS.replace("police_area,5617,2020-01-01,", "region,5600,2020-01-01,"),
        "något av police_area",
    ),
    ("levels", LEVELS + "police_area,5617,,region,5600,2022-01-01,\n", "rad 6: kolumnen valid_from"),
    ("levels", LEVELS + "region,5600,Norr,,,,\n", "rad 6: kolumnen name är 'Norr'.*Syd"),
    ("levels", LEVELS + "municipality,0999,,district,L3,2020-01-01,\n", "rad 6: kolumnen code"),
]

FIGURES = "level,code,period,value,note\nmunicipality,0187,2026-01,{},\n"
WRONG += [("series", FIGURES.format(figure), "går inte att visa") for figure in ("-1e308", "5e-324")]


def test_a_wrong_file_is_told_by_line_and_column_and_nothing_is_kept(levels: Session) -> None:
    for kind, text, told in WRONG:
        with pytest.raises(UserError) as error:
            load(levels, SourceKind(kind), text)
        assert re.search(told, str(error.value)), (text, str(error.value))
    for table in (SourceFile, SeriesValue, VulnerableListing):
        assert levels.scalar(select(func.count()).select_from(table)) == 0
