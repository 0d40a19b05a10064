"""What the mailings of a wave cost, by its own prices: the sum of a sampling plan before it is decided."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Faults
from survey.models.mailing import Mailing, MailingKind
from survey.models.mailing_price import MailingPrice
from survey.models.wave import WaveStatus
from survey.preparation.waves import lock_wave, require_status

HIGHEST = 1000.0  # kronor
# How much of the answers that will come has come before each mailing: by the usual days of a wave with four
# weeks between the first letter and the last. It is for adding up prices, and the page says so.
ANSWERED_BEFORE = {
    MailingKind.LETTER: 0.0,
    MailingKind.CARD: 0.35,
    MailingKind.FORM: 0.65,
    MailingKind.LAST: 0.85,
}
WORDS = {
    MailingKind.LETTER: "Första brevet",
    MailingKind.CARD: "Kort",
    MailingKind.FORM: "Brev med pappersformulär",
    MailingKind.LAST: "Sista påminnelsen",
}


@dataclass(frozen=True)
class Prices:
    """Kronor for one of each, postage included; the share of the answers that come on paper, in [0, 1]."""

    letter: float = 13.0
    card: float = 10.0
    form: float = 26.0
    last: float = 13.0
    paper_answer: float = 25.0
    paper_share: float = 0.2


@dataclass(frozen=True)
class Cost:
    """A line of the sum."""

    words: str
    number: int
    each: float

    @property
    def kronor(self) -> float:
        return self.number * self.each


def prices_of(session: Session, wave_code: str) -> tuple[Prices, bool]:
    """The prices of a wave, and whether they are its own; else the usual ones."""
    kept = session.get(MailingPrice, wave_code)
    if kept is None:
        return Prices(), False
    return Prices(**{name: getattr(kept, name) for name in Prices.__dataclass_fields__}), True


def set_prices(session: Session, wave_code: str, prices: Prices, by: str) -> None:
    """Keep the prices of a wave; until its sample is drawn.

    Raises:
        Faults: a price below nothing or beyond any, at its field.
    """
    require_status(lock_wave(session, wave_code), WaveStatus.PLANNED, WaveStatus.FRAMED)
    if faults := faults_of(prices):
        raise Faults(faults)
    session.merge(MailingPrice(wave_code=wave_code, **asdict(prices)))
    session.flush()
    audit.record(session, by, "mailing prices", wave_code, **asdict(prices))


def faults_of(prices: Prices) -> dict[str, str]:
    """What is wrong, by field."""
    given = asdict(prices)
    share = given.pop("paper_share")
    wrong = {name for name, price in given.items() if not 0.0 <= price <= HIGHEST}
    faults = {name: f"Skriv kronor, från 0 till {HIGHEST:.0f}." for name in wrong}
    return faults if 0.0 <= share <= 1.0 else {**faults, "paper_share": "Skriv procent, från 0 till 100."}


def left_out(session: Session, wave_code: str) -> frozenset[str]:
    """The mailings that a wave does without."""
    rows = session.scalars(select(Mailing.kind).where(Mailing.wave_code == wave_code, Mailing.left_out))
    return frozenset(rows)


def costs(prices: Prices, sampled: int, answers: float, without: Collection[str]) -> tuple[Cost, ...]:
    """Line by line what it costs to ask so many, when so many are expected to answer."""
    return tuple(_lines(prices, sampled, answers, without))


def total(lines: Collection[Cost]) -> float:
    """The sum in kronor."""
    return sum(line.kronor for line in lines)


def _lines(prices: Prices, sampled: int, answers: float, without: Collection[str]) -> Iterator[Cost]:
    for kind, before in ANSWERED_BEFORE.items():
        number = 0 if kind.value in without else round(sampled - before * answers)
        yield Cost(WORDS[kind], number, getattr(prices, kind.value))
    yield Cost("Svar på papper", round(answers * prices.paper_share), prices.paper_answer)
