"""Overview and measure pages in every state: no earlier wave, nearly all hidden, alone, nothing certain."""

import re
from collections.abc import Callable
from dataclasses import replace

import golden
import pandas as pd
import pytest
from flask.testing import FlaskClient
from released_wave import NACKA

from survey.publication.content import Comment
from survey.publication.pages.indicator_page import build_indicator_page
from survey.publication.pages.indicator_totals import IndicatorTotals
from survey.publication.pages.overview import build_overview
from survey.publication.payload import build_payload
from survey.publication.released import Notes, Released
from survey.questionnaire import indicators as library

Texts = dict[str, str]


@pytest.fixture
def shown(nacka: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Texts]:
    """The two pages as they are sent when a municipality's released rows are these."""

    def show(released: Released, measure: str = "unsafe_evening") -> Texts:
        indicator = library.indicator(measure)
        assert indicator is not None
        totals = IndicatorTotals(
            *(
                table[table["geography"].eq("municipality") & table["indicator"].eq(measure)]
                for table in (in_all(released.estimates), in_all(released.changes))
            ),
            (*released.earlier.values(), released.wave),
            {released.place.code: released.place.name},
        )
        page = build_indicator_page(build_payload(released), released, totals, indicator)
        monkeypatch.setattr("survey.municipality.views.read_overview", lambda *_: build_overview(released))
        monkeypatch.setattr("survey.municipality.views.read_indicator_page", lambda *_: page)
        here = f"/kommun/{NACKA}/2019/"
        return {name: sent(nacka, f"{here}{name}") for name in ("", f"matt/{measure}")}

    return show


def in_all(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["gender"].eq("all") & table["age_group"].eq("all")]


def sent(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_the_pages_say_no_more_than_is_known(shown: Callable[..., Texts]) -> None:
    no_earlier_wave(shown(golden.CASES["first"]()))
    nearly_all_hidden(shown(golden.CASES["hidden"]()))
    alone(shown)
    nothing_certain(shown(golden.CASES["uncertain"](), "worry_burglary"))
    commented(shown)


def no_earlier_wave(pages: Texts) -> None:
    for text in pages.values():
        assert "ökat" not in text
        assert "minskat" not in text
        assert "oförändrat" not in text.lower()
    overview, measure = pages.values()
    assert "Det finns ingen tidigare mätning att jämföra med." in overview
    assert "Utan tidigare mätning går det inte att säga om något har ändrats." in overview
    assert "Ingen mätning att jämföra med" in measure


def nearly_all_hidden(pages: Texts) -> None:
    """No empty chart is drawn."""
    overview, measure = pages.values()
    assert "mått visas inte: för få har svarat, eller så är resultatet för osäkert." in overview
    assert 'aria-label="Diagram' not in measure
    assert "Resultatet kan inte visas efter kön och ålder." in measure
    assert "resultatet visas inte" in measure
    assert "Tabell: varje mätning" in measure


def alone(shown: Callable[..., Texts]) -> None:
    made = golden.release(areas=1)
    pages = shown(replace(made, participants=("Nacka",), comparisons=made.comparisons[:0]))
    for text in pages.values():
        assert "Det finns inga andra kommuner i mätningen att jämföra med." in text
        assert "regionen" not in text.split("<main", 1)[1]


def commented(shown: Callable[..., Texts]) -> None:
    """What an analyst says of the summary stands on the overview, of a topic also with its measures."""
    said = (
        Comment("summary", "Läs detta först.", "1 mars 2023"),
        Comment("unsafe", "Om kvällar.", "2 mars 2023"),
    )
    overview, measure = shown(replace(golden.release(areas=1), notes=Notes(frozenset(), said))).values()
    assert "Kommentar från analytiker, 1 mars 2023:</strong> Läs detta först." in overview
    assert "Om kvällar." in overview
    assert "2 mars 2023:</strong> Om kvällar." in measure
    assert "Läs detta först." not in measure


def nothing_certain(pages: Texts) -> None:
    """The problems lead, and no word of change is said."""
    overview, measure = pages.values()
    assert (
        overview.index("Det viktigaste")
        < overview.index("De största problemen")
        < overview.index("Nyckeltal")
    )
    assert re.search("Ingen förändring i kommunen som helhet är säkerställd sedan [^<]+", overview)
    assert "Går inte att säga om andelen har ändrats" in measure
    assert " har ökat" not in measure
