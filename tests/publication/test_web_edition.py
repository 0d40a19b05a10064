"""The report on the web is the equal of the PDF: the same words and figures, in what a browser needs."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import golden
import lxml.html
from golden_reports import Golden

from survey.publication.pages.corrections import VersionText
from survey.publication.payload import build_payload
from survey.publication.report.rendering import JOINER, compose
from survey.publication.report.web_edition import STYLE, web_body, web_page

GoldenCase = Callable[[str], Golden]
Page = lxml.html.HtmlElement


def words(element: Page) -> list[str]:
    """What is read, labels of drawings too, but neither running heads nor the contents at the top."""
    for skipped in element.xpath(".//*[@class='report-name'] | .//nav"):
        skipped.drop_tree()
    for again in element.xpath(".//*[@class='on-phone']"):  # the same chart a second time
        again.drop_tree()
    for whole in element.xpath(".//span[@class='whole']"):
        whole.drop_tag()
    return [word for text in element.xpath(".//text()") for word in text.split()]


def test_every_word_and_figure_of_the_pdf_stands_on_the_page_in_the_same_order(case: Golden) -> None:
    paper = lxml.html.document_fromstring(compose(case.report).replace(JOINER, "")).find("body")
    (article,) = lxml.html.document_fromstring(web_body(case.report)).xpath("//article")
    on_page = words(article)
    assert on_page == words(paper)
    assert len(on_page) > 2000
    text = " ".join(on_page)
    for sentence in (*case.report.summary.sentences, case.report.response.sentence):
        assert " ".join(sentence.split()) in text
    for result in case.report.indicators:
        figure = result.total.now
        assert (
            " ".join(f"{figure.text} ({figure.interval})".split() if figure.shown else [figure.text]) in text
        )


def test_no_interval_is_broken_over_two_lines() -> None:
    changed = {("0182-02", "all"): -0.137, ("0182", "man"): 0.1}
    report = build_payload(golden.changed_in(golden.CASES["uncertain"](), changed))
    (article,) = lxml.html.document_fromstring(web_body(report)).xpath("//article")
    loose = "//text()[not(ancestor::svg or ancestor::title or ancestor::*[@class='whole'])]"
    told = [text for text in article.xpath(loose) if re.search(r"\d–\d", text)]
    figures = [text for text in article.xpath("//td/text()") if re.match(r"[\d.–+−▲▼]", text)]
    assert set(told) <= set(figures)  # whose style keeps their lines
    wholes = [span.text for span in article.xpath("//p//span[@class='whole'] | //li//span[@class='whole']")]
    assert {"16–84\u00a0år" in wholes, "16–84 år" in wholes} == {True, False}
    assert "(9–19)" in [span.text for span in article.xpath("//td/span[@class='whole']")]
    assert ".edition .whole { white-space: nowrap; }" in STYLE.read_text(encoding="utf-8")


def test_a_browser_is_told_what_the_typesetter_finds_out(case: Golden) -> None:
    (article,) = lxml.html.document_fromstring(web_body(case.report)).xpath("//article[@lang='sv']")
    assert article.xpath("//thead//th")
    assert {cell.get("scope") for cell in article.xpath("//thead//th")} == {"col"}
    assert {cell.get("scope") for cell in article.xpath("//tbody//th")} == {"row"}
    for wide in article.xpath("//table[caption] | //svg[not(parent::*[@class='on-phone'])]"):
        around = wide.getparent()
        assert (around.get("class") in ("scroll", "scroll wide"), around.get("tabindex")) == (True, "0")
        assert len(around.get("aria-label")) > len("Diagram: ")
    for drawing in article.xpath("//svg"):
        assert drawing.get("role") == "img"
        assert drawing.findtext("title")
    levels = [int(heading.tag[1]) for heading in article.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = article.xpath("//@id")
    assert len(names) == len(set(names))
    targets = [address.removeprefix("#") for address in article.xpath("//nav//a/@href")]
    assert set(targets) <= set(names)
    assert len(targets) >= 8


def test_every_chart_of_rows_is_drawn_for_phones_too_with_the_same_words(one_case: GoldenCase) -> None:
    (article,) = lxml.html.document_fromstring(web_body(one_case("typical").report)).xpath("//article")
    wide = article.xpath("//div[@class='scroll wide']/svg")
    phone = article.xpath("//div[@class='on-phone']/svg")
    assert len(wide) == len(phone) > 10
    for drawing, again in zip(wide, phone, strict=True):
        assert drawing.getparent().getparent() is again.getparent().getparent()
        said = [sorted(one.xpath(".//text()[normalize-space()]")) for one in (drawing, again)]
        assert said[0] == said[1]
        assert float(again.get("width")) == 320 < float(drawing.get("width"))
    style = STYLE.read_text(encoding="utf-8")
    assert ".edition .on-phone { display: none; }" in style
    assert re.search(r"max-width: 40em\) \{\s*\.edition \.scroll\.wide \{ display: none; \}", style)


def test_the_file_needs_no_other_and_says_when_it_is_replaced(one_case: GoldenCase) -> None:
    report = one_case("typical").report
    file = web_page(report, None)
    assert file.file_name == "2019-0182-nacka-SIMULERADE-SVAR.html"
    page = lxml.html.document_fromstring(file.content)
    assert all(address.startswith("#") for address in page.xpath("//@href"))
    assert not page.xpath("//@src | //link | //script | //iframe")
    style = page.findtext(".//style")
    addresses = re.findall(r"url\((.*?)\)", style)
    assert len(addresses) == 4
    assert all(address.startswith("data:font/woff2;base64,") for address in addresses)
    assert report.notice in page.findtext(".//title")
    assert web_body(report) in file.content.decode()
    old = VersionText(1, golden.release().release.released_on, "", 2, None, "Fel & folkmängd")
    marked = lxml.html.document_fromstring(web_page(report, old).content)
    (told,) = marked.xpath("//p[@class='replaced']")
    assert told.text_content().startswith("Ersatt av version 2.")
    assert "Fel & folkmängd" in told.text_content()
    assert not page.xpath("//p[@class='replaced']")


def test_a_hostile_name_is_text_on_the_page_too() -> None:
    released = golden.release(areas=2, judge=None)
    name = '<script>x</script><img src="x" onerror="x"> & "Nacka" \x08\u202e漢{{ 7*7 }}'
    report = build_payload(replace(released, place=replace(released.place, name=name)))
    (article,) = lxml.html.document_fromstring(web_body(report)).xpath("//article")
    assert not article.xpath("//script | //img | //@onerror")
    heading = article.findtext(".//h1")
    assert "<script>x</script>" in heading
    assert "漢{{ 7*7 }}" in heading
    assert "\u202e" not in heading
