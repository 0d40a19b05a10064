"""What the owner decides about a wave and its sample, as forms."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from survey.preparation.mailing_costs import Prices
from survey.preparation.plan_checks import RULE_WORDS, PlanSettings
from survey.preparation.population import AGE_GROUPS, bounds
from survey.preparation.wave_settings import WaveSettings

MOST = 2**31 - 1
LONGEST = 12  # characters of a number
NUMBER = [InputRequired("Skriv ett heltal."), NumberRange(0, MOST, f"Skriv ett heltal från 0 till {MOST}.")]
FACTOR = [InputRequired("Skriv ett tal, som 1,5."), NumberRange(0, 1000, "Skriv ett tal, som 1,5.")]


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _ages(end: int) -> list[SelectChoice]:
    """The ages at which the age groups begin (0) or end (1)."""
    return [SelectChoice(bounds(group)[end], f"{bounds(group)[end]} år") for group in AGE_GROUPS]


class WholeField(IntegerField):  # type: ignore[misc]
    """A whole number of so many digits as anything here may have."""

    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and len(valuelist[0]) > LONGEST:
            self.data = None
            raise ValueError("Skriv ett heltal.")
        super().process_formdata(valuelist)


class CommaField(FloatField):  # type: ignore[misc]
    """A number with a decimal comma or point."""

    data: float | None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            self.data = float(valuelist[0].replace(",", ".")) if valuelist else None
        except ValueError:
            self.data = None
            raise ValueError("Skriv ett tal, som 1,5.") from None


class WaveForm(FlaskForm):  # type: ignore[misc]
    """The settings of a wave; the field names are those of `WaveSettings`."""

    # Not `InputRequired`: the page of a wave that is there does not send its code, which cannot be changed.
    code = StringField("Kod", [DataRequired("Skriv en kod, som 2026."), Length(max=16)], filters=[_stripped])
    title = StringField("Titel", [InputRequired("Skriv en titel."), Length(max=120)], filters=[_stripped])
    questionnaire = SelectField("Frågeformulär")
    population_date = DateField(
        "Datum för befolkning och register", [InputRequired("Välj befolkningens datum.")]
    )
    field_start = DateField("Första svarsdag", [InputRequired("Välj första svarsdag.")])
    field_end = DateField("Sista svarsdag", [InputRequired("Välj sista svarsdag.")])
    age_min = SelectField("Yngsta ålder", coerce=int, choices=_ages(0))
    age_max = SelectField("Äldsta ålder", coerce=int, choices=_ages(1))
    sample_per_area = WholeField("Antal per delområde", NUMBER)
    seed = WholeField("Slumpfrö", [Optional(), *NUMBER[1:]])
    contacts_until = DateField(
        "Kontaktuppgifter förstörs senast", [InputRequired("Välj när namn och adresser ska vara förstörda.")]
    )
    links_until = DateField(
        "Kopplingen mellan person och svar förstörs senast",
        [InputRequired("Välj när kopplingen ska vara förstörd.")],
    )
    texts_until = DateField("Svar med egna ord förstörs senast", [Optional()])
    synthetic = BooleanField("Svaren är simulerade")

    def settings(self) -> WaveSettings:
        """What the form says, once it is validated."""
        return WaveSettings(**{name: self[name].data for name in WaveSettings.__dataclass_fields__})


class PlanForm(FlaskForm):  # type: ignore[misc]
    """A sampling plan to try or to decide; the field names are those of `PlanSettings`."""

    rule = SelectField(
        "Fördelning", choices=[SelectChoice(rule, words) for rule, words in RULE_WORDS.items()]
    )
    sample_per_area = WholeField("Antal per delområde", NUMBER)
    answers = WholeField("Väntade svar per delområde", NUMBER)
    floor = WholeField("Minsta antal i ett delområde", NUMBER)
    expected_rate = WholeField("Väntad svarsfrekvens, procent", NUMBER)
    young_factor = CommaField("Hur många gånger tätare de unga dras", FACTOR)
    young_until = SelectField("De unga är till och med", coerce=int)
    area_factors = TextAreaField("Delområden som ska få fler", [Length(max=20_000)])
    letter = CommaField("Första brevet, kronor", FACTOR)
    card = CommaField("Kort, kronor", FACTOR)
    form = CommaField("Brev med pappersformulär, kronor", FACTOR)
    last = CommaField("Sista påminnelsen, kronor", FACTOR)
    paper_answer = CommaField("Ett svar på papper, kronor", FACTOR)
    paper_share = CommaField("Andel av svaren som kommer på papper, procent", FACTOR)

    def validate_area_factors(self, field: TextAreaField) -> None:
        try:
            self.factors()
        except ValueError:
            raise ValidationError(
                "Skriv ett delområde och en faktor på varje rad, som 0180-01 1,5."
            ) from None

    def factors(self) -> dict[str, float]:
        """The areas' factors, one on each line; ValueError when a line is something else."""
        lines = [line.replace("=", " ").split() for line in (self.area_factors.data or "").splitlines()]
        return {area: float(factor.replace(",", ".")) for area, factor in filter(None, lines)}

    def plan(self) -> PlanSettings:
        """What the form says, once it is validated."""
        same = {
            name: self[name].data for name in ("rule", "sample_per_area", "answers", "floor", "young_until")
        }
        return PlanSettings(
            **same,
            expected_rate=(self.expected_rate.data or 0) / 100,
            young_factor=self.young_factor.data or 0.0,
            area_factors=self.factors(),
        )

    def prices(self) -> Prices:
        """What the mailings cost by the form; what cannot be read counts nothing."""
        given = {name: self[name].data or 0.0 for name in Prices.__dataclass_fields__}
        return Prices(**{**given, "paper_share": given["paper_share"] / 100})


def plan_data(plan: PlanSettings, prices: Prices) -> dict[str, Any]:
    """A plan with its prices as the form shows them."""
    factors = "\n".join(f"{area} {_comma(factor)}" for area, factor in sorted(plan.area_factors.items()))
    return {
        **plan.__dict__,
        "expected_rate": round(100 * plan.expected_rate),
        "area_factors": factors,
        **prices.__dict__,
        "paper_share": round(100 * prices.paper_share),
    }


def add_faults(form: FlaskForm, faults: Mapping[str, str]) -> None:
    """Put what the stage finds wrong at the fields it is about."""
    for name, text in faults.items():
        form[name].errors = [*form[name].errors, text]


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
