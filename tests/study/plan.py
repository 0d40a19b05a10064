"""What the study does: designs, items, response and runs, as data. Proportions and shares in [0, 1].

Nothing here is measured and nothing elsewhere is chosen: the page prints these settings, and a test holds the
stored results to them.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Structure = Literal["none", "persons", "areas"]
Response = Literal["equal", "register", "answer", "answer_later"]
Table = Literal["no_change", "changes"]

STRUCTURES: tuple[Structure, ...] = ("none", "persons", "areas")
WAVES = ("2024", "2025")
# The finest bands and the population's shares of them [SCB, population 16-84 years, rounded].
BANDS = ("16-19", "20-24", "25-29", "30-34", "35-44", "45-54", "55-64", "65-74", "75-84")
BAND_SHARES = (0.060, 0.070, 0.080, 0.090, 0.165, 0.165, 0.155, 0.130, 0.085)


@dataclass(frozen=True)
class Shape:
    """A municipality: inhabitants of each area, and persons drawn from every one of them."""

    name: str
    title: str
    areas: tuple[int, ...]
    drawn: int


@dataclass(frozen=True)
class Item:
    """A question: how it varies, and the share of each level in the first and in the second wave.

    Two levels are a yes/no question (no, yes); more are an ordinal item of which the mean is the statistic.
    """

    name: str
    structure: Structure
    before: tuple[float, ...]
    after: tuple[float, ...]
    headline: bool = False

    @property
    def binary(self) -> bool:
        return len(self.before) == 2


@dataclass(frozen=True)
class Run:
    """One population, drawn from again and again: two independent waves each time."""

    shape: str
    response: Response
    table: Table

    @property
    def name(self) -> str:
        return f"{self.shape}/{self.response}/{self.table}"

    @property
    def with_r(self) -> bool:
        """Whether R's method is measured beside."""
        return self.response == "register" and self.table == "no_change"


SHAPES = (
    Shape("tiny", "Three areas, 80 drawn in each", (1200, 3000, 7800), 80),
    Shape("one", "One area, 300 drawn", (6000,), 300),
    Shape("three", "Three areas, 300 drawn in each", (2000, 6000, 20000), 300),
    Shape("unequal", "Four very unequal areas, 300 drawn in each", (800, 1500, 3000, 40000), 300),
    Shape(
        "ten",
        "Ten areas, 300 drawn in each",
        (1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10000, 15000),
        300,
    ),
)
LEVELS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.10, 0.15, 0.20, 0.30, 0.40, 0.50, 0.70)
# (before, after): a doubling, a halving, a change too small to mark, +5, +5, +10, -10 points; and no change.
CHANGES = ((0.02, 0.04), (0.04, 0.02), (0.20, 0.21), (0.10, 0.15), (0.30, 0.35), (0.30, 0.40), (0.50, 0.40))
UNCHANGED = (0.02, 0.05, 0.10, 0.20, 0.30, 0.50)
EVEN, SKEWED = (0.10, 0.25, 0.30, 0.25, 0.10), (0.60, 0.24, 0.10, 0.04, 0.02)
RAISED = (0.08, 0.22, 0.29, 0.28, 0.13)  # a mean 0.16 higher than EVEN: 4 % of the range
DECLARED: dict[Table, tuple[str, ...]] = {
    "no_change": ("none-5", "none-10", "none-30", "persons-20", "areas-50"),
    "changes": ("none-2-4", "none-30-30", "none-30-35", "persons-50-40", "areas-10-10"),
}
RUNS = (
    *(Run(shape.name, "register", "no_change") for shape in SHAPES),
    *(Run(shape.name, "register", "changes") for shape in SHAPES),
    Run("three", "equal", "no_change"),
    *(Run(shape, "answer", "no_change") for shape in ("one", "three", "ten")),
    *(Run(shape, "answer_later", "no_change") for shape in ("one", "three", "ten")),
)


@dataclass(frozen=True)
class Plan:
    """How much of it.

    Attributes:
        seed: of populations, samples and who answers.
        repetitions: of a run; `fewer` where a repetition holds ten areas, or the question is a bias.
        batch: repetitions weighed and estimated together.
        item_nonresponse: chance that an answer is missing.
        answer_rate: mean chance of answering.
    """

    seed: int = 20261101
    repetitions: int = 1000
    fewer: int = 300
    batch: int = 50
    item_nonresponse: float = 0.02
    answer_rate: float = 0.45
    runs: tuple[Run, ...] = field(default=RUNS)

    def repetitions_of(self, run: Run) -> int:
        """Repetitions of a run."""
        return self.fewer if run.shape == "ten" or run.response != "register" else self.repetitions

    def as_dict(self) -> dict[str, Any]:
        """Everything that decides the results, as plain values."""
        parts = {"shapes": SHAPES, "items": (*items("no_change"), *items("changes"))}
        plain = {name: [asdict(one) for one in some] for name, some in parts.items()}
        return {**asdict(self), **plain, "bands": BANDS, "band_shares": BAND_SHARES}


QUICK = Plan(repetitions=20, fewer=10, batch=20)


def shape_named(name: str) -> Shape:
    return next(shape for shape in SHAPES if shape.name == name)


def items(table: Table) -> tuple[Item, ...]:
    """The forty items of a table."""
    if table == "no_change":
        pairs = [(level, level) for level in LEVELS]
        ordinal = [Item(f"{structure}-mean", structure, EVEN, EVEN) for structure in STRUCTURES] + [
            Item("none-skewed", "none", SKEWED, SKEWED)
        ]
    else:
        pairs = [*CHANGES, *((level, level) for level in UNCHANGED)]
        ordinal = [Item("none-mean", "none", EVEN, RAISED)]
    shares = [_share(table, structure, before, after) for structure in STRUCTURES for before, after in pairs]
    return (*shares, *ordinal)


def _share(table: Table, structure: Structure, before: float, after: float) -> Item:
    levels = [before] if table == "no_change" else [before, after]
    name = "-".join([structure, *(f"{100 * level:g}" for level in levels)])
    return Item(name, structure, (1 - before, before), (1 - after, after), name in DECLARED[table])
