"""What a sampling plan promises, before it is decided: numbers, precision, cost and overlap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.plan_precision import Part, Prospect, prospect
from survey.errors import UserError
from survey.models.area import Area
from survey.models.wave import Stratum, Wave, WaveStatus
from survey.preparation.earlier_waves import Overlap, expected_overlaps
from survey.preparation.extra_samples import extra_per_area
from survey.preparation.geography import municipality_names
from survey.preparation.plan_checks import RULE_WORDS, PlanSettings, plan_of, require_possible
from survey.preparation.plans import (
    Allocation,
    Basis,
    Frame,
    allocate_plan,
    basis_of,
    frame_of,
    set_plan,
)
from survey.preparation.waves import find_wave, require_status
from survey.processing.expectations import Earlier, latest

REGION = "all"


@dataclass(frozen=True)
class Unit:
    """An area, a municipality or the region, and what the plan promises of it."""

    kind: str  # area, municipality or region
    code: str
    name: str
    prospect: Prospect


@dataclass(frozen=True)
class Outlook:
    """A plan and what it promises."""

    plan: PlanSettings
    based_on: str | None  # the earlier wave that rates and design effects are from
    units: tuple[Unit, ...]  # the region, then each municipality with its areas
    overlaps: tuple[Overlap, ...]

    @property
    def words(self) -> str:
        """The rule as it is called."""
        return RULE_WORDS[self.plan.rule]

    @property
    def region(self) -> Prospect:
        return self.units[0].prospect

    def of(self, kind: str) -> list[Unit]:
        """The units of one kind."""
        return [unit for unit in self.units if unit.kind == kind]

    def range_of(self, kind: str) -> tuple[Unit, Unit]:
        """The units of a kind where the smallest and where only the largest changes can be seen."""
        units = sorted(self.of(kind), key=lambda unit: unit.prospect.by_proportion[0.2].detectable_change)
        return units[0], units[-1]


@dataclass(frozen=True)
class Comparison:
    """The decided plan beside others, or why nothing can be said."""

    decided: Outlook | None = None
    others: tuple[Outlook, ...] = ()
    reason: str = ""

    def by(self, rule: str) -> Outlook | None:
        """What the other plan of a rule promises; the decided one when the rule cannot be followed."""
        return next((one for one in self.others if one.plan.rule == rule), self.decided)


def compare(session: Session, wave_code: str, plan: PlanSettings) -> Comparison:
    """The decided plan, and until the sample is drawn the settings of another by every rule."""
    promised = None
    try:
        promised = decided(session, wave_code)
        changeable = find_wave(session, wave_code).status == WaveStatus.FRAMED
        others = alternatives(session, wave_code, plan) if changeable else []
        return Comparison(promised, tuple(others))
    except UserError as error:
        return Comparison(promised, reason=str(error))


def decided(session: Session, wave_code: str) -> Outlook:
    """What the plan that is decided promises."""
    wave = find_wave(session, wave_code)
    earlier = latest(session, wave)
    basis = basis_of(session, wave_code) or (earlier.basis if earlier else None)
    return _outlook(session, wave, plan_of(session, wave), basis, earlier)


def alternative(session: Session, wave_code: str, plan: PlanSettings) -> Outlook:
    """What another plan would promise; nothing is stored."""
    wave = find_wave(session, wave_code)
    require_possible(plan, wave)
    earlier = latest(session, wave)
    return _outlook(session, wave, plan, earlier.basis if earlier else None, earlier)


def alternatives(session: Session, wave_code: str, plan: PlanSettings) -> list[Outlook]:
    """The same settings by every rule that can be followed, side by side."""
    wave = find_wave(session, wave_code)
    earlier = latest(session, wave)
    basis = earlier.basis if earlier else None
    possible = [rule for rule in RULE_WORDS if rule != "neyman" or (basis and basis.proportions)]
    floor = min(plan.floor, plan.sample_per_area)
    plans = [replace(plan, rule=rule, floor=floor) for rule in possible]
    for one in plans:
        require_possible(one, wave)
    return [_outlook(session, wave, one, basis, earlier) for one in plans]


def decide(session: Session, wave_code: str, plan: PlanSettings, by: str) -> None:
    """Make a plan the wave's own, with what the latest earlier wave lets one expect today."""
    earlier = latest(session, find_wave(session, wave_code))
    set_plan(session, wave_code, plan, earlier.basis if earlier else None, by)


def _outlook(
    session: Session, wave: Wave, plan: PlanSettings, basis: Basis | None, earlier: Earlier | None
) -> Outlook:
    if wave.status == WaveStatus.PLANNED:
        raise UserError(
            f"Omgången {wave.code} har ingen urvalsram än. "
            "När registerfilen är inläst går det att räkna på urvalet."
        )
    require_status(wave, WaveStatus.FRAMED, WaveStatus.SAMPLED, WaveStatus.OPEN)
    frame = frame_of(session, wave.code)
    if not frame:
        raise UserError(f"Omgången {wave.code} har inga antal ur någon urvalsram att räkna på.")
    drawn = allocate_plan(plan, wave, frame, basis, extra_per_area(session, wave.code))
    parts = _parts(drawn, frame, plan, basis)
    return Outlook(
        plan=plan,
        based_on=basis.wave if basis else None,
        units=tuple(_units(session, wave, parts, earlier.parts if earlier else {})),
        overlaps=expected_overlaps(session, wave, drawn),
    )


def _parts(drawn: Allocation, frame: Frame, plan: PlanSettings, basis: Basis | None) -> dict[str, list[Part]]:
    """The strata of each area with the answers expected of them."""
    expected: dict[str, float] = dict.fromkeys(drawn.sizes, 0.0)
    for (area, age_group), code in drawn.strata.of_cell.items():
        rate = basis.rates.of(area, age_group) if basis else plan.expected_rate
        fraction = drawn.sizes[code] / drawn.strata.population[code]
        expected[code] += frame[area][age_group] * fraction * rate
    found: dict[str, list[Part]] = {}
    for code, area in drawn.strata.area.items():
        deff = basis.deff_of(area) if basis else 1.0
        part = Part(drawn.strata.population[code], drawn.sizes[code], expected[code], deff)
        found.setdefault(area, []).append(part)
    return found


def _units(
    session: Session,
    wave: Wave,
    parts: Mapping[str, Sequence[Part]],
    before: Mapping[str, Sequence[Part]],
) -> list[Unit]:
    places = select(Area.code, Area.name, Stratum.municipality_code).join(
        Stratum, Stratum.area_code == Area.code
    )
    rows = session.execute(places.where(Stratum.wave_code == wave.code).order_by(Area.code)).all()
    owner = {area: municipality for area, _, municipality in rows}
    names = {REGION: "Hela omgången"} | municipality_names(session) | {area: name for area, name, _ in rows}
    municipalities = sorted(set(owner.values()))
    of_municipality = {code: [area for area in parts if owner[area] == code] for code in municipalities}

    def unit(kind: str, code: str, areas: Iterable[str], earlier: Iterable[str]) -> Unit:
        now, then = _of(parts, areas), _of(before, earlier)
        return Unit(kind, code, names[code], prospect(now, then))

    # The areas may have been cut anew since: a municipality is compared whole with what it was.
    earlier = {code: [area for area in before if area.startswith(f"{code}-")] for code in municipalities}
    both = [area for code in municipalities if earlier[code] for area in of_municipality[code]]
    found = [
        Unit(
            "region",
            REGION,
            names[REGION],
            prospect(_of(parts, parts), _of(before, chain(*earlier.values())), _of(parts, both)),
        )
    ]
    for code in municipalities:
        found.append(unit("municipality", code, of_municipality[code], earlier[code]))
        found += [unit("area", area, [area], [area]) for area in of_municipality[code]]
    return found


def _of(parts: Mapping[str, Sequence[Part]], areas: Iterable[str]) -> list[Part]:
    return [part for area in areas for part in parts.get(area, ())]
