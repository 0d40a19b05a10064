"""The settings of a run: what may be chosen, and the two named profiles.

`Settings.default()` is the method of METHODS.md. `Settings.reference()` does what R's `survey` package does
on the reference figures, and is the bridge on which the engine is proven. Both are frozen;
`dataclasses.replace` makes a variant, and the manifest stores every field.
"""

from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, Literal

Profile = Literal["default", "reference"]
Calibration = Literal["raking", "linear", "logit", "poststratification"]
Linearization = Literal["leverage", "deville-sarndal", "rake", "final-weights", "fixed-weights"]
Interval = Literal["wilson", "korn-graubard", "logit", "wald"]
Trimming = Literal["recalibrate", "spread", "none"]
Singletons = Literal["collapse", "uncentred"]
Membership = Literal["register", "reported"]
Degrees = Literal["members", "satterthwaite"]
ResponseGroups = Literal["automatic", "cells", "propensity"]


@dataclass(frozen=True)
class Thresholds:
    """When a figure is shown, hidden, marked as changed or called unchanged.

    Valid from 2026-11-01. These are the survey's own rules: a change here is a decision of the survey's data
    manager, is dated, and is written in CHANGELOG.md. Proportions are in [0, 1], counts in unweighted
    persons.
    """

    # Publication [Parker et al. 2017, NCHS Series 2:175, with the floor of 30 of the Swedish surveys]
    minimum_n: int = 30
    minimum_n_eff: float = 30.0
    small_base_below: int = 50  # released with a warning from minimum_n up to, not including, this
    width_limit: float = 0.30  # an interval must be narrower than this ...
    width_always_shown: float = 0.05  # ... and either at most this wide ...
    relative_width_limit: float = 1.30  # ... or at most this wide relative to the estimate

    # Disclosure of sensitive items [Hundepool et al. 2012]
    hidden_persons: int = 4  # 1 to this many persons on either side are never released
    hidden_persons_municipality: int = (
        2  # the same for municipality totals: rare crimes would vanish otherwise
    )
    protection_width: int = 5  # persons a hidden count must be able to move, all that is shown staying put

    # Change: the mark (up, down) needs significance and size
    alpha: float = 0.05
    power: float = 0.80  # of the detectable change
    effective_count: float = 5.0  # t test from here; below it MOVER-Wilson and no mark
    mark_points: float = (
        0.02  # at least min(mark_points, q * mark_relative), q = min(p, 1 - p) of the previous wave
    )
    mark_relative: float = 0.20
    mark_mean: float = 0.02  # of the item's range
    # Change: the word "unchanged" needs equivalence within min(points, q * relative)
    equivalence_points: float = 0.05
    equivalence_relative: float = 0.50
    equivalence_mean: float = 0.05  # of the item's range
    headline_maximum: int = 5  # pre-declared headline indicators, Holm


@dataclass(frozen=True)
class Settings:
    """Every choice of a run. Units: weights are persons per respondent, proportions are in [0, 1]."""

    profile: Profile = "default"
    calibration: Calibration = "raking"
    membership: Membership = "register"  # the sex of margin A; reported: half woman, half man when neither
    linearization: Linearization = "leverage"
    interval: Interval = "wilson"
    confidence: float = 0.95
    seed: int = 20261101
    thresholds: Thresholds = field(default_factory=Thresholds)

    # Reporting age groups, built from the population's finest bands; a bundle's age_groups.csv overrides
    # them, and bands that do not fit inside them are reported as they are.
    reporting_age_groups: tuple[str, ...] = ("16-29", "30-44", "45-64", "65-84")

    # Geographies: rows for every area are five sixths of the tables of a full wave
    areas: bool = True

    # Weights
    cell_minimum: int = 5  # respondents in a calibration cell sex x age
    area_minimum: int = 10  # respondents in a calibration area
    # Response homogeneity groups: calibration cells, or classes of the propensity to answer; automatic takes
    # classes where the municipality has further margins.
    response_groups: ResponseGroups = "automatic"
    response_classes: int = 5
    response_group_minimum: int = 20  # respondents in a response homogeneity group
    response_factor_limit: float = 4.0  # largest nonresponse adjustment a group may keep
    g_bounds: tuple[float, float] | None = (
        0.3,
        3.0,
    )  # raking gives way to logit when a g-weight leaves these
    logit_bounds: tuple[float, float] = (0.2, 5.0)  # bounds of an explicitly chosen logit calibration
    trimming: Trimming = "recalibrate"
    trim_factor: float = 5.0  # times the municipality's median weight
    tolerance: float = 1e-12  # largest relative deviation from a margin
    iterations: int = 100

    # Variance
    singletons: Singletons = "collapse"  # a stratum with one respondent
    leverage_cap: float = 0.9
    degrees: Degrees = "members"  # of freedom: all members alike, or by the share they have in the variance
    replicate_groups: int = 100  # of a stratum in the jackknife; one person each in smaller strata
    se_zero: float = 1e-7  # a standard error below this is rounding, and is 0
    cap_effective_size: bool = True  # n_eff never exceeds n, nor n over Kish's deff where ...
    trusted_count: float = 10.0  # ... fewer effective persons than this stand on the smaller side

    # Change: the reference tests everything with t, whatever the counts
    test_everywhere: bool = False

    @classmethod
    def default(cls) -> "Settings":
        """The method of METHODS.md."""
        return cls()

    @classmethod
    def reference(cls) -> "Settings":
        """What R's `survey` package does on the reference figures. METHODS.md M-19."""
        return cls(
            profile="reference",
            linearization="deville-sarndal",
            interval="korn-graubard",
            reporting_age_groups=(),
            response_groups="cells",
            response_group_minimum=0,
            response_factor_limit=inf,
            g_bounds=None,
            trimming="none",
            singletons="uncentred",
            cap_effective_size=False,
            test_everywhere=True,
        )

    def as_dict(self) -> dict[str, Any]:
        """Every field as plain values, for the manifest."""
        return asdict(self)
