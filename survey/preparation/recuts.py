"""A municipality keeps its areas or proposes others; the operator decides, and the past is not touched."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey import audit
from survey.errors import Conflict, UserError
from survey.models.area import Area
from survey.models.participation import AreaChoice, AreaKey, AreaProposal, ExtraSample
from survey.models.wave import Stratum, Wave
from survey.preparation import borders, proposed_borders
from survey.preparation.area_listings import ListedArea, as_json, from_json, read_listing
from survey.preparation.geography import areas_on
from survey.preparation.participation import OPEN, UNDRAWN, lock_accepting
from survey.preparation.waves import find_wave

CHOICE_WORDS = {
    AreaChoice.KEPT: "delområdena behålls",
    AreaChoice.PROPOSED: "ny indelning föreslagen, väntar på besked",
    AreaChoice.APPLIED: "ny indelning införd",
    AreaChoice.REFUSED: "ny indelning avslagen",
}
NUMBERED = re.compile(r"\d{4}-(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class KnownArea:
    """An area of today, with its inhabitants in the newest frame that counted them."""

    code: str
    name: str
    population: int | None
    counted_in: str | None  # the wave


@dataclass(frozen=True)
class Proposal:
    """What the municipality wants with its areas, and what became of it."""

    choice: AreaChoice
    listing: tuple[ListedArea, ...]
    decided_because: str

    @property
    def fingerprint(self) -> str:
        """Tells whether the listing is the one that somebody has read."""
        return sha256(as_json(self.listing).encode()).hexdigest()


def current_areas(session: Session, wave_code: str, municipality_code: str) -> list[KnownArea]:
    """The municipality's areas that are valid for a wave, in order of code."""
    codes = _current_codes(session, find_wave(session, wave_code), municipality_code)
    areas = {area.code: area for area in session.scalars(select(Area).where(Area.code.in_(codes)))}
    counted: dict[str, tuple[int, str]] = {}
    frames = (
        select(Stratum.area_code, Stratum.population, Wave.code)
        .join(Wave, Wave.code == Stratum.wave_code)
        .where(Stratum.area_code.in_(codes))
        .order_by(Wave.population_date, Wave.code)
    )
    for code, population, wave in session.execute(frames):
        counted[code] = (population, wave)
    return [KnownArea(code, areas[code].name, *counted.get(code, (None, None))) for code in codes]


def find_proposal(session: Session, wave_code: str, municipality_code: str) -> Proposal | None:
    """The municipality's word on its areas; None before it has said any."""
    row = session.get(AreaProposal, (wave_code, municipality_code))
    if row is None:
        return None
    return Proposal(AreaChoice(row.choice), from_json(row.listing), row.decided_because)


def keep_areas(session: Session, wave_code: str, municipality_code: str, by: str) -> None:
    """Have the sample drawn in the areas of today; a proposal not yet decided on is taken back."""
    lock_accepting(session, wave_code, municipality_code, *UNDRAWN)
    if not current_areas(session, wave_code, municipality_code):
        raise UserError("Kommunen har inga delområden att behålla. Lämna en lista över delområden.")
    _store(session, wave_code, municipality_code, AreaChoice.KEPT, by)


def propose(
    session: Session, wave_code: str, municipality_code: str, text: str, by: str
) -> tuple[ListedArea, ...]:
    """Hand in a new listing of areas; nothing changes until the operator has decided."""
    lock_accepting(session, wave_code, municipality_code, *OPEN)
    listed = read_listing(text, municipality_code)
    _store(session, wave_code, municipality_code, AreaChoice.PROPOSED, by, listed)
    return listed


def refuse(session: Session, wave_code: str, municipality_code: str, because: str, by: str) -> None:
    """Leave the areas as they are, and tell why."""
    lock_accepting(session, wave_code, municipality_code, *OPEN)
    listed = _require_proposed(session, wave_code, municipality_code)
    if not 1 <= len(because.strip()) <= 500 or not because.strip().isprintable():
        raise UserError("Skriv varför, med 1–500 tecken på en rad.")
    _store(session, wave_code, municipality_code, AreaChoice.REFUSED, by, listed, because.strip())


def apply(
    session: Session, wave_code: str, municipality_code: str, by: str, read: str | None = None
) -> tuple[str, ...]:
    """End the areas of today and begin those proposed, from the wave's population date; the new codes.

    Earlier waves keep their areas. Nothing of them is carried over: a re-cut area has no history. `read` is
    the fingerprint of the proposal as it was shown: another is not applied unread.
    """
    wave = lock_accepting(session, wave_code, municipality_code, *OPEN)
    listed = _require_proposed(session, wave_code, municipality_code, read)
    first_day = wave.population_date
    ending = _current_codes(session, wave, municipality_code)
    _require_unused(session, ending, first_day)
    _forget_extra(session, ending, first_day)
    number = _highest_number(session, municipality_code)
    for area in session.scalars(select(Area).where(Area.code.in_(ending))).all():
        if area.valid_from >= first_day:
            # From a listing of the same wave that nobody has drawn a sample in: it was never valid.
            session.execute(delete(AreaKey).where(AreaKey.area_code == area.code))
            borders.forget_area_border(session, area.code)
            session.delete(area)
        else:
            area.valid_to = first_day - timedelta(days=1)
    codes = tuple(f"{municipality_code}-{number + i:02d}" for i in range(1, len(listed) + 1))
    session.flush()
    _begin(session, municipality_code, codes, listed, first_day)
    named = {area.name: code for code, area in zip(codes, listed, strict=True)}
    proposed_borders.adopt(session, wave_code, municipality_code, named)
    _store(session, wave_code, municipality_code, AreaChoice.APPLIED, by, listed)
    audit.record(
        session,
        by,
        "re-cut areas",
        f"{wave_code} {municipality_code}",
        ended=ending,
        begun=codes,
        day=first_day,
    )
    return codes


def register_keys(session: Session, area_codes: tuple[str, ...]) -> dict[str, str]:
    """What a register file may say instead of an area's code: the area by key, in order of key."""
    rows = session.execute(
        select(AreaKey.register_key, AreaKey.area_code).where(AreaKey.area_code.in_(area_codes))
    )
    return dict(sorted((key, code) for key, code in rows))


def _begin(
    session: Session,
    municipality_code: str,
    codes: tuple[str, ...],
    listed: tuple[ListedArea, ...],
    first_day: date,
) -> None:
    for code, area in zip(codes, listed, strict=True):
        session.add(
            Area(code=code, municipality_code=municipality_code, name=area.name, valid_from=first_day)
        )
    session.flush()
    for code, area in zip(codes, listed, strict=True):
        session.add_all(AreaKey(area_code=code, register_key=key) for key in area.keys)
    session.flush()


def _current_codes(session: Session, wave: Wave, municipality_code: str) -> list[str]:
    valid = areas_on(session, wave.population_date)
    return [code for code, owner in valid.items() if owner == municipality_code]


def _require_proposed(
    session: Session, wave_code: str, municipality_code: str, read: str | None = None
) -> tuple[ListedArea, ...]:
    proposal = find_proposal(session, wave_code, municipality_code)
    if proposal is None or proposal.choice is not AreaChoice.PROPOSED:
        raise UserError("Kommunen har inget förslag som väntar på besked.")
    if read is not None and read != proposal.fingerprint:
        raise Conflict("Kommunen har ändrat sitt förslag sedan sidan öppnades. Läs det igen.")
    return proposal.listing


def _forget_extra(session: Session, codes: list[str], first_day: date) -> None:
    later = select(Wave.code).where(Wave.population_date >= first_day)
    session.execute(
        delete(ExtraSample).where(ExtraSample.area_code.in_(codes), ExtraSample.wave_code.in_(later))
    )


def _require_unused(session: Session, codes: list[str], first_day: date) -> None:
    used = session.scalars(
        select(Wave.code)
        .join(Stratum, Stratum.wave_code == Wave.code)
        .join(Area, Area.code == Stratum.area_code)
        .where(Area.code.in_(codes), (Wave.population_date >= first_day) | (Area.valid_from >= first_day))
        .distinct()
        .order_by(Wave.code)
    ).all()
    if used:
        raise UserError(
            f"Delområdena används redan i omgång {', '.join(used)} och kan inte upphöra före {first_day}. "
            "En ny indelning kan börja gälla först efter det."
        )


def _highest_number(session: Session, municipality_code: str) -> int:
    codes = session.scalars(select(Area.code).where(Area.municipality_code == municipality_code))
    numbers = (matched for code in codes if (matched := NUMBERED.fullmatch(code)))
    return max((int(matched[1]) for matched in numbers), default=0)


def _changed(
    session: Session, wave_code: str, municipality_code: str, listed: tuple[ListedArea, ...]
) -> bool:
    earlier = find_proposal(session, wave_code, municipality_code)
    return earlier is not None and earlier.listing != listed


def _store(
    session: Session,
    wave_code: str,
    municipality_code: str,
    choice: AreaChoice,
    by: str,
    listed: tuple[ListedArea, ...] = (),
    because: str = "",
) -> None:
    if choice in (AreaChoice.KEPT, AreaChoice.APPLIED) or _changed(
        session, wave_code, municipality_code, listed
    ):
        # They belong to the areas that were proposed, and to no others.
        proposed_borders.forget(session, wave_code, municipality_code)
    session.merge(
        AreaProposal(
            wave_code=wave_code,
            municipality_code=municipality_code,
            choice=choice.value,
            listing=as_json(listed),
            decided_because=because,
        )
    )
    session.flush()
    audit.record(
        session,
        by,
        "areas",
        f"{wave_code} {municipality_code}",
        choice=choice.value,
        areas=len(listed) or None,
    )
