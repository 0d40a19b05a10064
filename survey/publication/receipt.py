"""What was promised and how it went, as reports and pages tell it: made by the rooms above, placed here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey.publication.content import ChangeFigure, Figure


@dataclass(frozen=True)
class ReceiptMeasure:
    """Something that is to be done, by whom, until when."""

    text: str
    responsible: str
    due: str


@dataclass(frozen=True)
class ReceiptFigure:
    """A share in a wave."""

    figure: Figure
    wave: str
    month: date  # the first day of its fieldwork


@dataclass(frozen=True)
class Receipt:
    """A promise beside its outcome: texts as written, the rest in the language spoken and as codes."""

    promise_id: int
    municipality_code: str
    title: str
    language: str
    problem: str
    owner: str
    focus_area: str
    measures: tuple[ReceiptMeasure, ...]
    agreed_on: date
    told_on: str  # the day on which it stood so
    goal: str  # what is to be reached, in a sentence
    due: str  # a tertial
    due_on: date
    status: str  # going_on, reached, not_reached, cannot_tell
    status_word: str
    said: tuple[str, ...]  # what is known, and why no more
    beside: tuple[str, ...]  # the same change in the region and elsewhere
    # The same as figures and codes.
    kind: str  # survey, series, activity
    ground: str
    label: str = ""  # of the measure
    gender: str = ""
    age_group: str = ""
    area: str = ""  # its name; empty for the whole municipality
    direction: str = ""
    target: str = ""  # whole percent, or a figure with its unit
    baseline: ReceiptFigure | None = None
    latest: ReceiptFigure | None = None
    change: ChangeFigure | None = None  # since the baseline; None where it was not tested
    result: str = ""  # the newest figure of another source
    result_on: date | None = None
    source: str = ""
    note: str = ""  # the newest note of its owners
    note_status: str = ""
    note_of: str = ""  # which tertial it is about
    synthetic: bool = False
    indicator: str = ""  # of the survey, or the code of a series


# The receipts of a municipality, by the waves that began by a day: who makes them lies above publication.
ReceiptsOf = Callable[[Session, str, date], tuple[Receipt, ...]]
