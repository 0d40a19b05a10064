"""A municipality reads its own released results, the same figures on page and in file, and nobody else's."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from released_wave import NACKA, PDF, VAXHOLM, add_release
from staff import logged_in

from survey import audit
from survey.config import Settings
from survey.database import Databases
from survey.publication import results
from survey.publication.content import IndicatorResult, MunicipalityReport
from survey.publication.downloads import exports
from survey.publication.embargo import SERVICE

RESULT = f"/kommun/{NACKA}/2019/"


def report_of(app: Flask, code: str) -> MunicipalityReport:
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        return results.municipality_report(session, "2019", code, SERVICE)


def words(html: str) -> str:
    """What a reader sees, without marks and with plain spaces."""
    text = re.sub(r"<[^>]+>", " ", html.split("<main", 1)[1]).replace("&nbsp;", " ")
    return " ".join(text.split())


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_own_results_are_listed_and_opened(nacka: FlaskClient) -> None:
    overview = nacka.get("/kommun/")
    assert f'href="{RESULT}"' in overview.text
    assert "Trygghet i Nacka" in nacka.get(RESULT).text


def test_the_page_answers_in_the_order_that_is_asked(nacka: FlaskClient) -> None:
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", nacka.get(RESULT).text)
    assert headings == [
        "Det viktigaste i Nacka",
        "Säkert förändrat sedan året innan",
        "Det som sticker ut",
        "Var i kommunen",
        "Det som inte går att säga",
        "Alla mått",
        "Vilka som svarade",
        "Filer",
    ]


def test_every_figure_on_the_page_is_the_figure_of_the_report(app: Flask, nacka: FlaskClient) -> None:
    overview = nacka.get(RESULT).text
    seen = words(overview)
    of_areas = words(nacka.get(f"{RESULT}delomraden").text)
    report, changed = report_of(app, NACKA), list[str]()
    for indicator in report.indicators:
        for group in (indicator.total, *indicator.genders, *indicator.ages):
            if group.now.shown:
                assert plain(f"{group.now.text} ({group.now.interval})") in seen, (indicator.id, group.label)
        for group in indicator.areas:
            if group.now.shown:
                figure = plain(f"{group.now.text} ({group.now.interval})")
                if group.change.certain:
                    way = "ökat" if group.change.verdict == "up" else "minskat"
                    changed.append(f"{way} {group.change.text[1:]}, ")
                    assert changed[-1] in of_areas
                assert figure in of_areas, (indicator.id, group.label)
                assert indicator not in report.headlines or figure in seen
        total = indicator.total
        row = f"{indicator.label} {total.now.text}"
        if total.now.shown:
            row += f" ({total.now.interval}) , {total.now.n} svar"
        assert plain(row).replace(" ,", ",") in seen.replace(" ,", ","), indicator.id
    assert changed
    for one in report.changed_parts[:4]:
        assert f"{one.part} :" in seen and f"({one.size_span})" in seen
    whole = words(re.sub(r"</?span[^>]*>", "", overview))
    for sentence in report.summary.sentences:
        assert plain(sentence) in whole
    assert re.search(r'<li>[^<]*<span class="figure">\(\d[^<]*–\d+\)</span>', overview)  # on one line


def test_what_cannot_be_said_names_no_certain_change(app: Flask, nacka: FlaskClient) -> None:
    report = report_of(app, NACKA)
    verdicts = [indicator.total.change.verdict for indicator in report.indicators]
    compared = sum(verdict in ("up", "down", "unchanged", "too_uncertain") for verdict in verdicts)
    (doubt,) = re.findall(r'<section id="osakert".*?</section>', nacka.get(RESULT).text, re.DOTALL)
    seen = plain(re.sub(r"<[^>]*>", " ", doubt))
    assert f"För {verdicts.count('too_uncertain')} av {compared} mått går det inte att säga" in seen
    assert plain(report.summary.detectable) in seen
    assert report.changed_parts and "Säkert förändrat" in report.summary.counts
    assert not re.search(r"[Ss]äkert förändrat|[▲▼]|säkerställ", seen.split("Mått där")[0])


def test_a_municipality_with_many_areas_gets_pages_that_open_on_a_phone(
    app: Flask, nacka: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(app, NACKA)
    topics = tuple(
        replace(topic, indicators=tuple(_with_areas(indicator, 110) for indicator in topic.indicators))
        for topic in report.topics
    )
    many = replace(report, topics=topics)
    monkeypatch.setattr("survey.publication.pages.overview.build_payload", lambda _: many)
    monkeypatch.setattr("survey.municipality.views.build_payload", lambda _: many)
    assert len(many.indicators) > 30
    for page, most in (("", 220_000), ("delomraden", 160_000)):
        sent = nacka.get(f"{RESULT}{page}")
        assert "Område 110" in sent.text
        assert len(sent.data) < most, (page, len(sent.data))


def _with_areas(indicator: IndicatorResult, count: int) -> IndicatorResult:
    figure = replace(indicator.total.now, text="28\xa0%", interval="24–32", value=28, lower=24, upper=32)
    area = replace(indicator.total, now=figure)
    areas = tuple(replace(area, label=f"Område {number}") for number in range(1, count + 1))
    return replace(indicator, areas=areas)


def test_change_is_marked_only_where_the_verdict_is_certain(app: Flask, nacka: FlaskClient) -> None:
    text = re.sub(r'<section id="sakert".*?</section>', "", nacka.get(RESULT).text, flags=re.DOTALL)
    certain = [
        group.change.text
        for indicator in report_of(app, NACKA).indicators
        for group in (indicator.total, *indicator.genders, *indicator.ages)
        if group.change.certain
    ]
    headlines = [one for one in report_of(app, NACKA).headlines if one.total.change.certain]
    assert text.count('class="change better certain"') + text.count('class="change worse certain"') == len(
        certain
    ) + len(headlines)


def test_the_simulated_answers_are_named_on_every_page_and_file(nacka: FlaskClient) -> None:
    for address in ("/kommun/", RESULT, f"{RESULT}delomraden"):
        assert "SIMULERADE SVAR – INGET RESULTAT" in nacka.get(address).text
    for name in ("resultat.csv", "kodbok.csv", "kodbok.json"):
        assert "SIMULERADE SVAR" in nacka.get(f"{RESULT}{name}").text
    for name in ("resultat.csv", "resultat.xlsx", "resultat.pptx", "kodbok.csv", "kodbok.json"):
        assert "SIMULERADE-SVAR" in nacka.get(f"{RESULT}{name}").headers["Content-Disposition"]


def test_the_report_is_saved_as_a_file_under_its_own_name(nacka: FlaskClient) -> None:
    with nacka.get(f"{RESULT}rapport.pdf") as answer:
        assert answer.data == PDF
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert "SIMULERADE-SVAR" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["rapport.pdf", "resultat.csv", "resultat.xlsx", "resultat.pptx", "kodbok.json"]
)
def test_who_saved_which_file_is_kept(app: Flask, nacka: FlaskClient, name: str) -> None:
    with nacka.get(f"{RESULT}{name}") as answer:
        file_name = answer.headers["Content-Disposition"].split("filename=")[1].strip('"')
    found: Databases = app.extensions["databases"]
    with found.reading() as session:
        (last,) = audit.events(session, 1)
    assert (last.actor, last.action, last.subject) == (f"{NACKA}@example.se", "download", file_name)


def test_the_page_tells_the_size_of_files_once_their_batch_is_written(
    app: Flask, settings: Settings, nacka: FlaskClient
) -> None:
    link = "Arbetsbok (xlsx)</a>"
    assert f"{link}:" in nacka.get(RESULT).text
    found: Databases = app.extensions["databases"]
    exports.write_downloads(found, "2019", settings.output, by="Anna")
    with found.reading() as session:
        size = exports.sizes(session, "2019", settings.output, SERVICE, NACKA)["workbook.xlsx"]
    assert len(nacka.get(f"{RESULT}resultat.xlsx").data) == size
    assert f'{link} <span class="muted">{-(-size // 1000)} kB' in nacka.get(RESULT).text


def test_a_report_that_is_not_made_is_told(vaxholm: FlaskClient) -> None:
    assert "Rapporten som pdf är inte gjord än" in vaxholm.get(f"/kommun/{VAXHOLM}/2019/").text
    assert vaxholm.get(f"/kommun/{VAXHOLM}/2019/rapport.pdf").status_code == 404


def test_the_file_holds_the_own_municipality_and_the_region_only(nacka: FlaskClient) -> None:
    text = nacka.get(f"{RESULT}resultat.csv").text
    assert NACKA in text
    assert VAXHOLM not in text


@pytest.mark.parametrize(
    "page",
    [
        *("", "delomraden", "rapport.pdf", "resultat.csv", "resultat.xlsx", "resultat.pptx", "kodbok.csv"),
        *("matt/unsafe_evening", "matt/unsafe_evening/kommuner.svg", "diagram/problem.png"),
    ],
)
def test_another_municipality_is_closed(nacka: FlaskClient, page: str) -> None:
    answer = nacka.get(f"/kommun/{VAXHOLM}/2019/{page}")
    assert answer.status_code == 403
    assert "Du har inte tillgång" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        f"/kommun/{NACKA}/2022/",
        f"/kommun/{NACKA}/2018/",
        f"/kommun/{NACKA}/2022/resultat.csv",
        f"/kommun/{NACKA}/2022/rapport.pdf",
        f"/kommun/{NACKA}/2022/delomraden",
        f"/kommun/{NACKA}/2022/matt/unsafe_evening",
        f"/kommun/{NACKA}/2019/matt/unknown_measure",
        f"/kommun/{NACKA}/2019/matt/unsafe_evening/unknown.svg",
        f"/kommun/{NACKA}/2019/matt/unsafe_evening/serie.pdf",
        f"/kommun/{NACKA}/2019/diagram/unknown.png",
        f"/kommun/{NACKA}/..%2f..%2f/rapport.pdf",
        f"/kommun/{NACKA}/2019%00/",
        f"/kommun/{NACKA}/2019/report.pdf",
    ],
)
def test_what_is_not_released_is_not_there(nacka: FlaskClient, address: str) -> None:
    answer = nacka.get(address)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_a_draft_is_seen_by_nobody(app: Flask, settings: Settings) -> None:
    found: Databases = app.extensions["databases"]
    with found.transaction() as session:
        add_release(session, settings.output, released=False)
    client = logged_in(app, NACKA)
    overview = client.get("/kommun/")
    assert "Här kommer kommunens resultat att finnas" in overview.text
    for page in (
        "",
        "delomraden",
        "matt/unsafe_evening",
        "matt/unsafe_evening/serie.svg",
        "diagram/problem.svg",
        "rapport.pdf",
        "resultat.csv",
        "resultat.xlsx",
        "resultat.pptx",
        "kodbok.csv",
    ):
        answer = client.get(f"{RESULT}{page}")
        assert answer.status_code == 404
        assert "%" not in words(answer.text)
