"""How many comparisons a view holds, and what is left of them when their number is counted in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.multiplicity import as_one_family
from analysis.settings import Thresholds
from survey.publication.numbers import number

ALPHA = Thresholds.alpha


@dataclass(frozen=True)
class Fishing:
    """The tests of a view together: each by itself, and corrected for their number."""

    tests: int
    alone: int  # of them with p at most 5 per cent
    survive: tuple[bool, ...]  # by test, in the order given; one without p never does
    uncertain: int  # would survive here, but are not certain in the result
    pairs: int  # groups of the view two by two, which nobody has tested

    @property
    def left(self) -> int:
        return sum(self.survive)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a reader of the view has to know."""
        pairs = (
            f"Jämför du raderna i samma mätning två och två blir det {number(self.pairs)} jämförelser. "
            "De är inte prövade här: att två tal är olika betyder inte att skillnaden är säker."
        )
        return (*self._of_tests(), *((pairs,) if self.pairs else ()))

    def of_table(self) -> tuple[str, ...]:
        """The same of a table in which each cell is tested against everybody else in it."""
        if self.tests == 1:
            return ("Tabellen prövar en skillnad. Då behövs ingen rättelse för antalet.",)
        return (
            f"Tabellen prövar {number(self.tests)} skillnader. "
            f"Även om alla grupper vore lika {self._by_chance()}.",
            f"{_look_certain(self.alone)} ut var för sig. {_how_many(self.left)} står kvar när alla prövas "
            "tillsammans (Benjamini–Hochberg, 5 procent).",
        )

    def _by_chance(self) -> str:
        """How many would look certain; where less than one is to be expected, how likely any is."""
        expected = self.tests * ALPHA
        if expected < 1:
            risk = round(100 * (1 - (1 - ALPHA) ** self.tests))
            return (
                f"vore risken ungefär {risk} procent att minst en av dem ser säker ut av en slump, "
                "räknat som om de inte hängde ihop"
            )
        seen = "en av dem se säker" if round(expected) == 1 else f"{number(round(expected))} av dem se säkra"
        return f"skulle ungefär {seen} ut av en slump"

    def _of_tests(self) -> tuple[str, ...]:
        if not self.tests:
            return ("Vyn innehåller ingen prövad förändring.",)
        if self.tests == 1:
            return ("Vyn innehåller en prövad förändring. Då behövs ingen rättelse för antalet.",)
        counted = number(self.tests)
        return (
            f"Vyn innehåller {counted} prövade förändringar. Även om ingenting hade ändrats "
            f"{self._by_chance()}.",
            f"{_look_certain(self.alone)} ut var för sig. {_how_many(self.left)} står kvar när alla "
            f"{counted} prövas tillsammans (Benjamini–Hochberg, 5 procent).{self._of_uncertain()}",
        )

    def _of_uncertain(self) -> str:
        """Of one change there must not be two answers: what the result calls uncertain stays so."""
        if not self.uncertain:
            return ""
        many = _how_many(self.uncertain)
        uncertain, them = ("osäker", "den") if self.uncertain == 1 else ("osäkra", "dem")
        return (
            f" {many} till klarar den prövningen men är för {uncertain} i resultatet, "
            f"som prövar {them} tillsammans med andra."
        )


def count_comparisons(
    p: Sequence[float | None], groups: int, certain: Sequence[bool] | None = None
) -> Fishing:
    """The guard of a view from the p values of its changes and its number of rows in one wave.

    Args:
        certain: which changes the result itself calls certain, where it has judged them; no other survives.
    """
    left = [bool(one <= ALPHA) for one in as_one_family(p)]
    stand = left if certain is None else [one and told for one, told in zip(left, certain, strict=True)]
    values = np.array([np.nan if one is None else one for one in p], dtype=np.float64)
    return Fishing(
        tests=int(np.isfinite(values).sum()),
        alone=int((values <= ALPHA).sum()),
        survive=tuple(stand),
        uncertain=sum(left) - sum(stand),
        pairs=groups * (groups - 1) // 2,
    )


def _look_certain(many: int) -> str:
    return f"{_how_many(many)} av dem ser {'säker' if many <= 1 else 'säkra'}"


def _how_many(many: int) -> str:
    return {0: "Ingen", 1: "En"}.get(many, number(many))
