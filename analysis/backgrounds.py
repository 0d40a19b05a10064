"""Background variables of a free table: the category each respondent stands in.

A variable is found by its name, in this order: what the design knows (gender, legal_gender, age_group,
age_band, area, municipality), a union of domains.csv by the name of its geography, `mode` or an item of
responses.csv, an indicator, a further column of sample.csv. METHODS.md M-36.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis import checks
from analysis.arrays import Ints, Mask
from analysis.coherence import NUMERIC
from analysis.domains import reporting_ages
from analysis.errors import AnalysisError, QuestionError
from analysis.indicators import Measured, measure
from analysis.schema import GENDERS, LEGAL_GENDERS, Bundle
from analysis.weights import Weighted

NOT_STATED = "not_stated"  # no answer, or a stratum in no union of the geography
GEOGRAPHIC = ("area", "municipality")
PERSON = (
    "wave",
    "case_id",
    "stratum",
    "responded",
    "person_id",
    "age",
)  # columns of sample.csv that are no categories


@dataclass(frozen=True)
class Background:
    """One background variable.

    Attributes:
        name: its name.
        categories: every category somebody stands in, in the order to show; `not_stated` last.
        of_row: position of each respondent's category, in the order of responses.csv.
        sensitive: whether standing in a category is itself a sensitive answer; unknown counts as yes.
        geographic: whether its categories are unions of strata.
    """

    name: str
    categories: tuple[str, ...]
    of_row: Ints
    sensitive: bool
    geographic: bool

    def rows_in(self, wanted: Iterable[str]) -> Mask:
        """Who stands in any of the wanted categories.

        Raises:
            AnalysisError: a wanted category that nobody stands in.
        """
        chosen = list(wanted)
        if unknown := [name for name in chosen if name not in self.categories]:
            shown = ", ".join(self.categories[:12])
            raise QuestionError(
                "no_category",
                f"{self.name} has no category {unknown[0]!r}; expected one of {shown}.",
                variable=self.name,
                category=unknown[0],
            )
        found: Mask = np.isin(self.of_row, [self.categories.index(name) for name in chosen])
        return found


def background(weighted: Weighted, name: str, wave: str) -> Background:
    """The background variable of a name.

    Args:
        weighted: a weighted bundle.
        name: see the module; the same name is looked for in the order given there.
        wave: which wave's unions to use.

    Raises:
        AnalysisError: no such variable, naming those there are; a union whose codes overlap.
    """
    bundle = weighted.bundle
    makers: dict[str, Callable[[], Background]] = {
        "gender": lambda: _of_texts(name, checks.text(bundle.responses, "gender"), GENDERS, sensitive=False),
        "legal_gender": lambda: _of_cells(weighted, name, LEGAL_GENDERS, "gender"),
        "age_band": lambda: _of_cells(weighted, name, weighted.frame.bands, "band"),
        "age_group": lambda: _reporting_group(weighted),
        "area": lambda: _of_strata(weighted, name, weighted.frame.strata["stratum"]),
        "municipality": lambda: _of_strata(weighted, name, weighted.frame.strata["municipality_code"]),
    }
    if name in makers:
        return makers[name]()
    if bundle.domains is not None and name in set(bundle.domains["geography"]):
        return _union(weighted, name, wave)
    if name == "mode" and name in bundle.responses:
        return _of_texts(name, checks.text(bundle.responses, name), (), sensitive=False)
    if name in bundle.items:
        return _item(bundle, name)
    if name in set(bundle.indicators["indicator"]):
        return _indicator(bundle, name)
    if name in bundle.sample and name not in PERSON:
        return _of_sample(bundle, name)
    raise AnalysisError(f"There is no variable {name!r}; there are {', '.join(names(bundle))}.")


def names(bundle: Bundle) -> tuple[str, ...]:
    """Every name `background` knows in this bundle, each once."""
    unions = [] if bundle.domains is None else list(dict.fromkeys(bundle.domains["geography"]))
    further = [str(column) for column in bundle.sample.columns if column not in PERSON]
    design = ("gender", "legal_gender", "age_group", "age_band", *GEOGRAPHIC)
    mode = ["mode"] if "mode" in bundle.responses else []
    return tuple(
        dict.fromkeys([*design, *unions, *mode, *bundle.items, *bundle.indicators["indicator"], *further])
    )


def measured(bundle: Bundle, name: str) -> tuple[Measured, bool]:
    """What a table counts, by name: an indicator, or an item of no indicator as shares of its codes.

    Args:
        bundle: a validated bundle.
        name: an indicator, or an item; an indicator of that name goes first.

    Returns:
        The measured variable, and whether it is sensitive; an item of no indicator is.

    Raises:
        AnalysisError: neither an indicator nor an item, naming those there are.
    """
    chosen = bundle.indicators[bundle.indicators["indicator"] == name]
    if len(chosen):
        found = measure(replace(bundle, indicators=chosen)).measured[0]
        return found, bool(chosen["sensitive"].iloc[0])
    if name not in bundle.items:
        there = ", ".join(dict.fromkeys([*bundle.indicators["indicator"], *bundle.items]))
        raise AnalysisError(f"There is no indicator or item {name!r}; there are {there}.")
    codes = _item(bundle, name)
    stated = tuple(code for code in codes.categories if code != NOT_STATED)
    level = np.where(codes.of_row < len(stated), codes.of_row, -1).astype(np.int16)
    shares = tuple(f"p{code}" for code in stated)
    none = np.zeros(len(stated))
    return Measured(name, level, stated, none, none, shares), codes.sensitive


def _item(bundle: Bundle, name: str) -> Background:
    """The codes of an item: those of its recipes first, in their order."""
    recipes = bundle.indicators
    reads = [
        name == item or name in several.split()
        for item, several in zip(recipes["item"], recipes["items"], strict=True)
    ]
    known = " ".join(recipes["levels"][reads]).split()
    sensitive = bool(recipes["sensitive"][reads].any()) or not any(reads)
    return _of_texts(name, checks.text(bundle.responses, name), tuple(dict.fromkeys(known)), sensitive)


def _indicator(bundle: Bundle, name: str) -> Background:
    """The levels of an indicator."""
    found, sensitive = measured(bundle, name)
    of_row = np.where(found.level >= 0, found.level, len(found.codes)).astype(np.int64)
    return _background(name, [*found.codes, NOT_STATED], of_row, sensitive, geographic=False)


def _of_sample(bundle: Bundle, name: str) -> Background:
    """A column of sample.csv, through the persons' keys."""
    key = ["wave", "case_id"]
    row = checks.positions(checks.joined(bundle.responses, key), checks.joined(bundle.sample, key))
    return _of_texts(name, checks.text(bundle.sample, name).iloc[row], (), sensitive=True)


def _of_texts(name: str, column: "pd.Series[str]", first: Sequence[str], sensitive: bool) -> Background:
    """Categories of a text column: known ones in their order, others sorted; empty is not stated."""
    codes, found = pd.factorize(column)
    others = sorted((str(code) for code in found if code and code not in first), key=_code_order)
    categories = [*(code for code in first if code), *others, NOT_STATED]
    place = np.array(
        [categories.index(code) if code else len(categories) - 1 for code in map(str, found)], dtype=np.int64
    )
    return _background(name, categories, place[codes] if len(place) else codes, sensitive, geographic=False)


def _code_order(code: str) -> tuple[float, str]:
    """Numbers by size, before words."""
    return (float(code), code) if NUMERIC.fullmatch(code) else (np.inf, code)


def _of_cells(weighted: Weighted, name: str, categories: Sequence[str], attribute: str) -> Background:
    """A variable of the fine cells."""
    of_cell = np.concatenate([getattr(design, attribute) for design in weighted.frame.designs])
    return _background(name, categories, of_cell[weighted.frame.cell], sensitive=False, geographic=False)


def _reporting_group(weighted: Weighted) -> Background:
    ages, of_band = reporting_ages(weighted)
    band = np.concatenate([design.band for design in weighted.frame.designs])
    return _background(
        "age_group", ages, of_band[band][weighted.frame.cell], sensitive=False, geographic=False
    )


def _of_strata(weighted: Weighted, name: str, codes: "pd.Series[str]") -> Background:
    """A variable of the strata, in the order of `Frame.strata`."""
    of_stratum, categories = pd.factorize(codes.to_numpy(dtype=object))
    of_row = of_stratum.astype(np.int64)[_stratum(weighted)]
    return _background(name, list(map(str, categories)), of_row, sensitive=False, geographic=True)


def _stratum(weighted: Weighted) -> Ints:
    """Row of `Frame.strata` of each respondent."""
    designs = weighted.frame.designs
    of_cell = np.concatenate([design.stratum + design.strata.start for design in designs])
    found: Ints = of_cell[weighted.frame.cell]
    return found


def _union(weighted: Weighted, name: str, wave: str) -> Background:
    """The codes of a geography of domains.csv in one wave."""
    table, strata = weighted.bundle.domains, weighted.frame.strata
    if table is None:  # pragma: no cover - the caller has looked
        raise AnalysisError(f"There is no domains.csv with the geography {name!r}.")
    mine = table[(table["geography"] == name) & (table["wave"] == wave)]
    if mine["stratum"].duplicated().any():
        twice = mine["stratum"][mine["stratum"].duplicated()].iloc[0]
        raise AnalysisError(f"The codes of {name} overlap: stratum {twice} belongs to several of them.")
    code_of = dict(zip(mine["stratum"], mine["code"], strict=True))
    categories = [*dict.fromkeys(mine["code"]), NOT_STATED]
    of_stratum = np.array(
        [categories.index(code_of.get(one, NOT_STATED)) for one in strata["stratum"]], dtype=np.int64
    )
    return _background(name, categories, of_stratum[_stratum(weighted)], sensitive=False, geographic=True)


def _background(
    name: str, categories: Sequence[str], of_row: Ints, sensitive: bool, geographic: bool
) -> Background:
    """Without the categories nobody stands in."""
    used = np.bincount(of_row, minlength=len(categories)) > 0
    kept = tuple(category for category, some in zip(categories, used, strict=True) if some)
    return Background(name, kept, (np.cumsum(used) - 1)[of_row], sensitive, geographic)
