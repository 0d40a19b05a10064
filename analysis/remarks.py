"""What a run had to remark: a kind with its values, and the kind's sentence. METHODS.md, "Files"."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.errors import UNMET

Value = str | int | float
SENTENCES = {
    "no_respondents": "No respondents: no estimates are made.",
    "total_scaled": "Areas scaled from {counted:.0f} persons to the known total {total:.0f}.",
    "no_population": "The population of {cell} is 0: its respondents weigh nothing.",
    "ages_merged": "Merged {sex} {ages}.",
    "areas_merged": "Merged {areas}.",
    "categories_merged": "Merged the categories {cell}.",
    "response_groups_merged": "One response group: {cells}.",
    "propensity_class": "Propensity to answer {lowest:.3f} to {highest:.3f}.",
    "nobody_reports": "Nobody reports to belong to {cell}: the sex of the register is used here.",
    "margins_given_up": UNMET + " Weights meet {left} only.",
    "register_sex": UNMET + " The sex of the register is used in this municipality.",
    "weights_not_positive": "Linear calibration gave {persons} respondents weights of 0 or less.",
    "bounds_met": "g-weights {lowest:.3f} to {highest:.3f}: logit within {low:g} to {high:g} instead.",
    "bounds_given_up": "g-weights {lowest:.3f} to {highest:.3f}; no weights within {low:g} to {high:g}: "
    + UNMET
    + " Raking kept.",
    "trimmed": "Cut {share:.1%} of the weights.",
    "capped_by_group": "The total of {cell} needs weights above the cap: {factor:g} times its own median.",
    "not_trimmed": "Not trimmed: no weights meet the cap, the bounds and the total of {cell}.",
    "trimming_worse": "Not trimmed: with the totals kept, the weights would be more unequal than before.",
    "strata_collapsed": "Collapsed the strata {cell}: one had a single respondent.",
    "stratum_empty": "No respondents in {cell}: its population is carried by the margins.",
    "compared_without": "Compared with {previous_wave} without {left_out}.",
    "published_unused": "{persons} published figures are compared with nothing, such as {cell}: {why}.",
    "not_compared": "Not compared with {previous_wave}: apart from {left_out} too little.",
    "small_areas": "pooled and model-based figures rest on answers of areas whose own figures are hidden; "
    "they are protected by the rule for few persons alone, and are not for publication.",
}


def sentence(kind: str, cell: str, persons: int, values: Mapping[str, Value]) -> str:
    """A remark as an English sentence; `cell` and `persons` as in `Remark`."""
    return SENTENCES[kind].format(cell=cell, persons=persons, **values)


@dataclass(frozen=True)
class Remark:
    """Something a reviewer should know of.

    Attributes:
        wave: whose run it is about; empty when about all.
        place: a municipality's code, or a geography and a code with a blank between; empty for all.
        step: of the flow: total, nonresponse, calibration_cell, calibration_area, calibration_margin,
            response_group, calibration, trimming, variance_stratum, comparison, published or small_areas.
        kind: one of `SENTENCES`.
        cell: the group it is about, such as an area's code.
        persons: respondents it is about; of `published_unused` figures.
        values: what the sentence of the kind names.
    """

    wave: str
    place: str
    step: str
    kind: str
    cell: str = ""
    persons: int = 0
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        where = " ".join(part for part in (self.wave, self.place, self.step) if part)
        return f"{where}: {sentence(self.kind, self.cell, self.persons, self.values)}"
