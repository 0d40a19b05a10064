"""What happens in the demonstration: three waves behind us, one open today, one municipality that said no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from survey.demo.geography import Plan, restrict
from survey.demo.residents import POPULATION_DATES

# Nykvarn is one of the municipalities of both sizes. That it declined is invented.
DECLINING_MUNICIPALITY = "0140"
DECLINED_WAVE = "2019"
OPEN_MUNICIPALITY = "0187"
ANSWERING_MUNICIPALITY = "0192"  # has said yes to the next wave, and not handed in everything
ACCOUNT_MUNICIPALITIES = ("0187", "0180", "0980")
OWN_WORDS = ("0187", "0980")  # ask their residents for a text in the last wave
# Name in the address, role, what it is. Two owners and two analysts: what is destroyed
# after fieldwork, and a table on request, take two.
STAFF = (
    ("analytiker", "analyst", "alla kommuner"),
    ("analytiker2", "analyst", "alla kommuner"),
    ("ansvarig", "owner", "ansvarig"),
    ("ansvarig2", "owner", "ansvarig"),
    ("faltarbete", "fieldwork", "fältarbete"),
    ("telefonsupport", "help_desk", "telefonsupport"),
    ("dataskydd", "data_protection", "dataskyddsombud"),
    ("inmatning", "data_entry", "inmatning"),
    ("inmatning2", "data_entry", "inmatning"),
    ("granskning", "screener", "granskning"),
)


@dataclass(frozen=True)
class DemoWave:
    """A wave as it is set up."""

    code: str
    title: str
    population_date: date
    field_start: date
    field_end: date
    municipalities: tuple[str, ...]
    declined: tuple[str, ...] = ()
    own_words: tuple[str, ...] = ()  # of them, those that ask for a text in one's own words
    invited: bool = False  # the municipalities answered in their pages; else their answers are noted

    @property
    def field_period(self) -> tuple[date, date]:
        return self.field_start, self.field_end


def past_waves(plan: Plan) -> tuple[DemoWave, ...]:
    """The three waves that are over, each in the autumn of its population date."""
    everybody = [municipality.code for municipality in plan.municipalities]
    return (
        _past("2018", everybody, date(2018, 10, 1), date(2018, 11, 23)),
        _past("2019", everybody, date(2019, 10, 7), date(2019, 11, 29)),
        _past("2022", everybody, date(2022, 10, 3), date(2022, 11, 25), OWN_WORDS),
    )


def open_wave(today: date) -> DemoWave:
    """A small wave of one municipality, in the middle of its field period."""
    return DemoWave(
        code=f"{today:%Y-%m}",
        title="Trygghetsmätning, extra omgång i en kommun",
        population_date=max(POPULATION_DATES.values()),
        field_start=today - timedelta(days=14),
        field_end=today + timedelta(days=21),
        municipalities=(OPEN_MUNICIPALITY,),
        invited=True,
    )


def register_plan(plan: Plan, wave: DemoWave) -> Plan:
    """Whose residents the register delivery holds: a municipality that declined is in it like the others."""
    return restrict(plan, (*wave.municipalities, *wave.declined))


def _past(
    code: str, everybody: Sequence[str], field_start: date, field_end: date, own_words: Sequence[str] = ()
) -> DemoWave:
    declined = (DECLINING_MUNICIPALITY,) if code == DECLINED_WAVE else ()
    return DemoWave(
        code=code,
        title=f"Trygghetsmätning {code}",
        population_date=POPULATION_DATES[code],
        field_start=field_start,
        field_end=field_end,
        municipalities=tuple(code for code in everybody if code not in declined),
        declined=declined,
        own_words=tuple(code for code in own_words if code in everybody),
    )
