"""The English edition says what the Swedish one says: the same figures in the same order, no Swedish left."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import golden
import lxml.html
import pikepdf
import pytest
from golden_reports import PROMISE, Golden
from stored_release import RELEASED_AT, store_country, store_release

from survey import languages
from survey.database import Databases
from survey.errors import UserError
from survey.languages import read_catalogue
from survey.publication import speech
from survey.publication.content import Comment
from survey.publication.downloads.tables import released_table
from survey.publication.embargo import SERVICE
from survey.publication.payload import build_payload
from survey.publication.released import Notes
from survey.publication.report import editions
from survey.publication.report.editions import find_edition, write_edition
from survey.publication.report.rendering import compose, render
from survey.publication.report.web_edition import web_page

CASES = ("typical", "uncertain", "nothing", "hidden", "first", "extremes", "rising")
# Words that say the same in both languages: names of waves and areas, which are never translated.
NAMES = re.compile(r"Trygghetsmätning|Område \d+|Ekerö|Särndal")


def page_of(name: str, language: str) -> str:
    return compose(build_payload(golden.CASES[name](), language))


def figures(page: str) -> list[str]:
    """Every number of a report, written alike, but those in the words of the questionnaire and in charts.

    Which charts there is room for depends on how long the words are; their tables are always there.
    """
    body = lxml.html.document_fromstring(page).find("body")
    for part in body.xpath("//section[@id='questions'] | //div[@class='chart'] | //p[@class='hash']"):
        part.drop_tree()
    text = " ".join(body.itertext()).replace("\u2060", "")
    if 'lang="sv"' in page[:40]:
        text = re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"(?<=\d)\u00a0(?=\d{3}\b)", "", text))
    else:
        text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    return re.findall(r"[−+]?\d+(?:\.\d+)?", text)


@pytest.mark.parametrize("name", CASES)
def test_the_same_figures_stand_in_the_same_order_and_every_word_is_english(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = set()
    known = languages.translated("en") | {
        str(entry.id) for entry in read_catalogue("en", speech.DOMAIN) if entry.id
    }
    said = speech._said
    monkeypatch.setattr(speech, "_said", lambda text: (lacking.add(text), said(text))[1])
    english = page_of(name, "en")
    assert lacking - known - {""} == set()
    assert figures(english) == figures(page_of(name, "sv"))
    left = re.sub(r"<[^>]*>", "\n", NAMES.sub("", english))
    assert re.findall(r".*[åäöÅÄÖ].*", left) == []


def test_the_verdict_alone_chooses_the_english_word() -> None:
    report = build_payload(golden.CASES["typical"](), "en")
    words = {
        "up": "increased",
        "down": "decreased",
        "unchanged": "unchanged",
        "too_uncertain": "not possible to say",
    }
    for result in report.indicators:
        told = {word for word in words.values() if word in result.change_sentence}
        assert told == {words[result.total.change.verdict]}, result.change_sentence


def test_the_english_pdf_is_tagged_in_english_and_always_the_same_24_pages_at_most_with_promises() -> None:
    released = replace(golden.CASES["typical"](), receipts=(PROMISE,) * 9)
    report, table = build_payload(released, "en"), released_table(released)
    pdf = render(report, table)
    assert pdf == render(report, table)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "en"
        assert 16 <= len(opened.pages) <= 24
        assert "Safety in Nacka" in str(opened.docinfo["/Title"])
    page = web_page(report, None)
    assert page.file_name.endswith(".en.html")
    assert page.content.decode().count('<html lang="en">') == 1


def test_a_sentence_left_out_in_swedish_is_left_out_in_english() -> None:
    released = golden.CASES["typical"]()
    first = build_payload(released).summary.sentences[0]
    edited = replace(released, notes=Notes(hidden=frozenset({first})))
    whole, less = (build_payload(made, "en").summary for made in (released, edited))
    assert (less.sentences, less.left_out) == (whole.sentences[1:], 1)


def test_what_people_wrote_in_swedish_is_marked_so_beside_english_labels() -> None:
    released = golden.CASES["typical"]()
    noted = Notes(comments=(Comment("summary", "Läs tabellen.", "1 February 2023"),))
    told = replace(PROMISE, goal="The share is to be at most 30 percent.", said=("It is too uncertain.",))
    page = compose(build_payload(replace(released, notes=noted, receipts=(told,)), "en"))
    assert "Comment by an analyst, in Swedish" in page
    assert '<p lang="sv">Läs tabellen.</p>' in page
    promises = page.split('id="promises"')[1].split("</section>")[0]
    assert "<h2>What we promised – and how it went</h2>" in promises
    assert "<strong>Not possible to say.</strong>" in promises
    assert "Responsible for the target: Gatuchefen." in promises
    assert '<h3 lang="sv">Ljusare vägar</h3>' in promises
    assert "The promises themselves are written in Swedish." in promises
    outside = re.sub(r'<(\w+) lang="sv">.*?</\1>', "", promises)
    assert re.findall(r"[åäöÅÄÖ]\w*", outside) == []


def test_an_edition_is_written_once_and_is_out_of_use_when_changed(
    sqlite_databases: Databases, store: Callable[..., int], tmp_path: Path
) -> None:
    with sqlite_databases.transaction() as session:
        store(session, golden.release(synthetic=True, areas=2, judge=None), released_at=RELEASED_AT)
    with pytest.raises(UserError, match="inte på fi"):
        write_edition(sqlite_databases, "2019", tmp_path, "fi", by="Anna")
    with pytest.raises(UserError, match="9999"):
        write_edition(sqlite_databases, "2019", tmp_path, "en", ["9999"], by="Anna")
    (path,), failed = write_edition(sqlite_databases, "2019", tmp_path, "en", by="Anna")
    assert (failed, path.name) == ({}, "0182-nacka-SIMULERADE-SVAR.en.pdf")
    assert write_edition(sqlite_databases, "2019", tmp_path, "en", by="Anna") == ([], {})
    with sqlite_databases.reading() as session:
        assert find_edition(session, "2019", "0182", tmp_path, SERVICE, "en") == path
        path.write_bytes(path.read_bytes() + b" ")
        assert find_edition(session, "2019", "0182", tmp_path, SERVICE, "en") is None


def test_a_correction_released_meanwhile_leaves_an_edition_whole(
    sqlite_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = golden.release(areas=0, judge=None)
    with sqlite_databases.transaction() as session:
        store_country(session, made, ["0001"])
    monkeypatch.setattr(editions, "AT_A_TIME", 1)
    monkeypatch.setattr(editions, "render", lambda _report, _table: b"a page")

    def correct(_label: str, done: int, _total: int) -> None:
        if done == 1:
            with sqlite_databases.transaction() as session:
                store_release(session, made, version=2, released_at=RELEASED_AT)

    written, failed = write_edition(sqlite_databases, "2019", tmp_path, "en", by="analyst", progress=correct)
    assert failed == {}
    assert {path.parent for path in written} == {tmp_path / "reports-en" / "2019"}
    assert [path.name[:4] for path in written] == ["0001", "0182"]


def test_a_golden_report_is_swedish_unless_asked_otherwise(one_case: Callable[[str], Golden]) -> None:
    assert one_case("typical").report.language == "sv"
