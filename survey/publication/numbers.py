"""Numbers as the readers of a language expect them: decimal comma or point, no-break spaces, a real minus."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from survey.languages import SOURCE
from survey.publication.speech import language, say

NBSP = "\u00a0"
MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)


SHORT_MONTHS = ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")


def rounded(value: float, decimals: int = 0) -> Decimal:
    """Half away from zero, on the shortest decimal form of the number."""
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def whole_percent(share: float) -> int:
    """A share in [0, 1] as whole percent."""
    return int((Decimal(repr(float(share))) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def points(share: float) -> float:
    """A change in [-1, 1] as percentage points: whole, or one decimal when it is smaller than one point."""
    exact = Decimal(repr(float(share))) * 100
    decimals = Decimal(1) if abs(exact) >= Decimal("0.95") else Decimal("0.1")
    return float(exact.quantize(decimals, rounding=ROUND_HALF_UP))


def number(value: float, decimals: int = 0) -> str:
    """12345.6 as "12 346", -0.5 with one decimal as "−0,5"."""
    fixed = rounded(value, decimals)
    text = f"{abs(fixed):,}"
    if language() == SOURCE.code:
        text = decimal_sign(text.replace(",", NBSP))
    return f"−{text}" if fixed < 0 else text


def decimal_sign(text: str) -> str:
    """A number with a decimal point as it is written: in Swedish with a comma."""
    return text.replace(".", ",") if language() == SOURCE.code else text


def percent(value: int | str) -> str:
    return f"{value}{NBSP}%" if language() == SOURCE.code else f"{value}%"


def span(lower: int, upper: int) -> str:
    return f"{lower}–{upper}"


def signed(value: float) -> str:
    """A change with its sign: "+4", "−0,4", "0"."""
    text = number(abs(value), 0 if float(value).is_integer() else 1)
    if value == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def points_in_words(value: float) -> str:
    """The size of a change without its sign, as in "4 procentenheter"."""
    size = abs(value)
    unit = say("procentenhet") if size == 1 else say("procentenheter")
    return f"{number(size, 0 if float(size).is_integer() else 1)}{NBSP}{unit}"


def size_span(lower: float, upper: float) -> str:
    """The interval of a change that is certain, without its sign: −8 to −2 as "2–8"."""
    first, last = sorted((abs(lower), abs(upper)))
    return f"{signed(first).lstrip('+')}–{signed(last).lstrip('+')}"


def day(value: date) -> str:
    return f"{value.day}{NBSP}{_month(value)}{NBSP}{value.year}"


def month(value: date) -> str:
    return f"{_month(value)} {value.year}"


def short_month(value: date) -> str:
    return f"{say(SHORT_MONTHS[value.month - 1])} {value.year}"


def period(start: date, end: date) -> str:
    """ "3 september–14 oktober 2019"; the year is said once when it is the same."""
    if start.year != end.year:
        return f"{day(start)}–{day(end)}"
    return f"{start.day}{NBSP}{_month(start)}–{day(end)}"


def _month(value: date) -> str:
    return say(MONTHS[value.month - 1])
