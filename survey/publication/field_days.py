"""The fieldwork in a municipality as it may see it: whole tens, read from the days that were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from survey.models.area import Area
from survey.models.field_day import FieldDay
from survey.models.municipality import Municipality
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.forecast import Forecast, forecast
from survey.publication import wording
from survey.publication.releases import NotReleased

STEP = 10  # the table holds nothing finer
ENOUGH_FOR_FORECAST = 100  # answers; the steps of ten would make a forecast of fewer a guess


@dataclass(frozen=True)
class WaveInField:
    """A wave a municipality takes part in that is or has been in the field."""

    code: str
    title: str
    synthetic: bool
    is_open: bool
    field_start: date
    field_end: date


@dataclass(frozen=True)
class GroupSoFar:
    """A group of those asked: how many at least have answered, in whole tens."""

    label: str
    drawn: int
    submitted: int

    @property
    def share(self) -> float | None:
        """In [0, 1]; None while fewer than ten have answered."""
        return self.submitted / self.drawn if self.submitted else None

    def falls_behind(self, share: float) -> bool:
        """Whether the group answers less than that, however much was rounded away."""
        return (self.submitted + STEP - 1) / self.drawn < share


@dataclass(frozen=True)
class FieldworkSoFar:
    """What a municipality may know of its fieldwork."""

    wave: WaveInField
    municipality: str
    days: tuple[FieldDay, ...]  # of the whole municipality, one a day
    earlier: float | None  # share that had answered after as many days of the wave before
    areas: tuple[GroupSoFar, ...]
    groups: tuple[GroupSoFar, ...]
    groups_on: date | None  # the last day on which they were counted: then they may be held back
    forecast: Forecast | None

    @property
    def now(self) -> FieldDay | None:
        return self.days[-1] if self.days else None

    @property
    def letters_counted(self) -> bool:
        """Whether the letters went out from here: nobody answers without one."""
        return self.now is not None and self.now.invited >= self.now.started

    @property
    def share(self) -> float | None:
        return self.now.submitted / self.now.drawn if self.now and self.now.submitted else None

    @property
    def behind(self) -> tuple[GroupSoFar, ...]:
        """Groups that certainly answered less than the whole when they were last counted."""
        then = [day for day in self.days if self.groups_on is not None and day.day <= self.groups_on]
        share = then[-1].submitted / then[-1].drawn if then else 0.0
        return tuple(group for group in self.groups if group.falls_behind(share))


def waves_in_field(session: Session, municipality_code: str) -> tuple[WaveInField, ...]:
    """The waves whose fieldwork a municipality can follow or look back on, newest first."""
    rows = session.scalars(_in_field(municipality_code).order_by(Wave.field_start.desc(), Wave.code.desc()))
    return tuple(_in_words(wave) for wave in rows)


def fieldwork_so_far(session: Session, wave_code: str, municipality_code: str) -> FieldworkSoFar:
    """The fieldwork of a wave in a municipality that takes part in it."""
    wave = session.scalar(_in_field(municipality_code).where(Wave.code == wave_code))
    if wave is None:
        raise NotReleased(f"Mätningen {wave_code} är inte i fält i kommunen {municipality_code}.")
    whole = tuple(_days(session, wave_code, municipality_code, "all"))
    groups = _days(session, wave_code, municipality_code, "gender_age")
    names = _names(session, municipality_code)
    return FieldworkSoFar(
        wave=_in_words(wave),
        municipality=names[municipality_code],
        days=whole,
        earlier=_earlier(session, wave, municipality_code, whole),
        areas=_latest(_days(session, wave_code, municipality_code, "area"), names),
        groups=_latest(groups, names),
        groups_on=max((row.day for row in groups), default=None),
        forecast=_forecast(wave, whole),
    )


def _in_field(municipality_code: str) -> Select[Wave]:
    """Waves that persons of the municipality were drawn for, open now or with days kept."""
    drawn = exists().where(
        Stratum.wave_code == Wave.code, Stratum.municipality_code == municipality_code, Stratum.sampled > 0
    )
    kept = exists().where(FieldDay.wave_code == Wave.code, FieldDay.municipality_code == municipality_code)
    return select(Wave).where(
        drawn, Wave.void_reason.is_(None), or_(Wave.status == WaveStatus.OPEN.value, kept)
    )


def _in_words(wave: Wave) -> WaveInField:
    is_open = wave.status == WaveStatus.OPEN
    return WaveInField(wave.code, wave.title, wave.synthetic, is_open, wave.field_start, wave.field_end)


def _days(session: Session, wave_code: str, municipality_code: str, variable: str) -> Sequence[FieldDay]:
    of_place = (FieldDay.wave_code == wave_code) & (FieldDay.municipality_code == municipality_code)
    kept = select(FieldDay).where(of_place, FieldDay.variable == variable)
    return session.scalars(kept.order_by(FieldDay.day)).all()


def _latest(rows: Sequence[FieldDay], names: Mapping[str, str]) -> tuple[GroupSoFar, ...]:
    """The newest row of each group, in order of its code."""
    newest = {row.category: row for row in rows}
    return tuple(
        GroupSoFar(names.get(category) or _group_name(category), row.drawn, row.submitted)
        for category, row in sorted(newest.items(), key=lambda one: one[0].split()[::-1])
    )


def _group_name(category: str) -> str:
    """ "woman 16-29" as "Kvinnor 16–29 år"."""
    sex, _, age_group = category.partition(" ")
    return f"{wording.SEXES.get(sex, sex)} {age_group.replace('-', '–')} år"


def _names(session: Session, municipality_code: str) -> dict[str, str]:
    """The municipality and its areas by code."""
    areas = select(Area.code, Area.name).where(Area.municipality_code == municipality_code)
    found = {code: name for code, name in session.execute(areas)}
    return {**found, municipality_code: session.get_one(Municipality, municipality_code).name}


def _earlier(session: Session, wave: Wave, municipality_code: str, days: Sequence[FieldDay]) -> float | None:
    """The share that had answered after as many days of the last wave before that has days kept.

    A wave that was voided, or is simulated where this one is not, tells nothing of this one.
    """
    before = _in_field(municipality_code).where(
        Wave.field_start < wave.field_start, Wave.synthetic == wave.synthetic
    )
    kept = exists().where(FieldDay.wave_code == Wave.code, FieldDay.municipality_code == municipality_code)
    last = session.scalar(before.where(kept).order_by(Wave.field_start.desc()).limit(1))
    if last is None or not days:
        return None
    until = last.field_start + (days[-1].day - wave.field_start)
    then = [day for day in _days(session, last.code, municipality_code, "all") if day.day <= until]
    return then[-1].submitted / then[-1].drawn if then and then[-1].submitted else None


def _forecast(wave: Wave, days: Sequence[FieldDay]) -> Forecast | None:
    """In whole tens too, and never more than were drawn."""
    if wave.status != WaveStatus.OPEN or not days or days[-1].submitted < ENOUGH_FOR_FORECAST:
        return None
    left = (wave.field_end - days[-1].day).days
    expected = forecast([day.submitted for day in days], left)
    if expected is None:
        return None
    low, high = expected.low // STEP * STEP, min(-(-expected.high // STEP) * STEP, days[-1].drawn)
    return Forecast(low, high)
