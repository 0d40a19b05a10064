"""How the invented residents answer: level and differences of every item, and what of it is published where.

Sources, each seen as a public page:
  [NTU20] Brå, Nationella trygghetsundersökningen 2020 (rapport 2020:8), victimisation in 2019, ages 16-84.
  [NTU22] Brå, press release 2022-10-11 on NTU 2022, victimisation during 2021.
  [NTU23] Brå, NTU 2023 as told in the press: unsafe late in the evening 26 %, women 34 %, men 18 %.
  [NTU16] Brå, NTU 2016 as told in the press: worry about assault women 22 %, men 8 %; other route or means of
          transport 34 %; refrained from an activity 12 %.
  [NTU10] Brå, NTU 2010 tables: share of incidents reported to the police in 2009.
  [STHLM] Polisregion Stockholm: safe late in the evening 68 % (2021) and 71 % (2023); avoids certain places
          49 % in Järva, 41 % in Huddinge (2021).
What has no source beside it is our assumption. Differences between areas and municipalities, and all changes
between waves, are invented even where the level is not.
"""

from dataclasses import dataclass, field

BASE_WAVE = "2019"

# One number per age band, 16-19 ... 75-84, on the logit scale.
AGE_PROFILES: dict[str, tuple[float, ...]] = {
    "flat": (0.0,) * 9,
    "young": (1.0, 0.9, 0.6, 0.4, 0.15, -0.05, -0.3, -0.6, -0.8),
    "old": (-1.0, -0.9, -0.6, -0.4, -0.15, 0.05, 0.3, 0.6, 0.8),
    "both_ends": (0.5, 0.5, 0.3, 0.1, -0.15, -0.2, -0.15, 0.0, 0.3),
}
# Residents differ also within a cell: calm, ordinary and exposed. This ties a person's answers together.
OUTLOOK_SHARES = (0.55, 0.33, 0.12)
OUTLOOK_SHIFTS = (-0.6, 0.3, 1.6)

SKIPPED = ""
SKIP_SHARE = 0.008
DONT_KNOW = "8"
REFUSED = "9"


@dataclass(frozen=True)
class Item:
    """One question: shares of its levels in 2019, and what moves a person towards the last level (logits)."""

    shares: tuple[float, ...]  # of the levels 1, 2, ...; sums to 1
    woman: float = 0.0  # women against men, logit
    age: str = "flat"
    age_scale: float = 1.0
    young_woman: float = 0.0  # extra for young women
    place: float = 0.0  # how much the area's condition counts
    outlook: float = 0.0
    change: dict[str, float] = field(default_factory=dict)  # against 2019, logit, by wave
    dont_know: float = 0.01
    refused: float = 0.005
    aside: dict[str, float] = field(default_factory=dict)  # further codes outside the scale
    gate: str = ""  # asked only of those who answered 1 here

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(str(i + 1) for i in range(len(self.shares)))

    @property
    def outside(self) -> dict[str, float]:
        """Codes outside the scale with their shares; the same for everybody, so that they distort nothing."""
        codes = {**self.aside, DONT_KNOW: self.dont_know, REFUSED: self.refused, SKIPPED: SKIP_SHARE}
        return {code: share for code, share in codes.items() if share > 0.0}


def _problem(
    *shares: float, place: float = 0.8, dont_know: float = 0.08, change: dict[str, float] | None = None
) -> Item:
    return Item(
        shares, woman=0.1, age="young", age_scale=-0.2, place=place, outlook=0.6, dont_know=dont_know,
        change=change or {},
    )  # fmt: skip


def _victim(share: float, woman: float, young: float, change: dict[str, float] | None = None) -> Item:
    # The first level is yes, so what makes victims carries a minus.
    return Item(
        (share, 1.0 - share), woman=-woman, age="young", age_scale=-young, place=-0.4, outlook=-0.9,
        dont_know=0.005, refused=0.007, change=change or {},
    )  # fmt: skip


def _worry(
    *shares: float, woman: float, young: float, place: float = 0.6, change: dict[str, float] | None = None
) -> Item:
    return Item(
        shares, woman=woman, age="young", age_scale=young, place=place, outlook=1.0, change=change or {}
    )


def _avoid(*shares: float, change: dict[str, float] | None = None) -> Item:
    return Item(
        shares, woman=0.75, age="young", age_scale=0.35, young_woman=0.3, place=0.7, outlook=0.9,
        change=change or {},
    )  # fmt: skip


def _times(crime: str) -> Item:
    return Item((0.62, 0.2, 0.18), dont_know=0.03, refused=0.02, outlook=0.3, gate=crime)


def _reported(crime: str, share: float) -> Item:
    # Older victims report more.
    return Item((share, 1.0 - share), age="young", age_scale=0.3, dont_know=0.02, refused=0.015, gate=crime)


ITEMS: dict[str, Item] = {
    "problem_litter": _problem(0.40, 0.38, 0.16, 0.06, dont_know=0.02),
    "problem_vandalism": _problem(0.50, 0.33, 0.12, 0.05, change={"2022": -0.15}),
    "problem_speeding": _problem(0.36, 0.35, 0.20, 0.09, place=0.3, dont_know=0.03),
    "problem_moped": _problem(0.47, 0.31, 0.15, 0.07, place=0.5, change={"2018": -0.1, "2022": 0.15}),
    "problem_lighting": _problem(0.52, 0.31, 0.12, 0.05, place=0.4),
    "problem_drunk": _problem(0.60, 0.27, 0.09, 0.04, change={"2022": -0.1}),
    "problem_drugs": _problem(
        0.53, 0.27, 0.13, 0.07, place=1.1, dont_know=0.2, change={"2018": -0.12, "2022": 0.2}
    ),
    "problem_youths": _problem(0.58, 0.27, 0.10, 0.05, place=1.0),
    "problem_fights": _problem(0.68, 0.23, 0.06, 0.03, place=0.9),
    "victim_violence": _victim(0.036, -0.25, 1.0),  # [NTU20] assault 3.6 %; more among men and the young
    "victim_threat": _victim(0.092, 0.1, 0.8),  # [NTU20] threats 9.2 %
    "victim_theft": _victim(0.055, 0.0, 0.4, change={"2022": 0.2}),
    # Above [NTU20] sales fraud 5.1 % and [NTU22] 5.7 %, since the question also covers card fraud. All four
    # together come near [NTU20] offences against the person, 22.6 %.
    "victim_fraud": _victim(0.075, -0.1, -0.1, change={"2018": 0.1, "2022": -0.25}),
    # Household crimes together near 14.6 % of households [NTU20].
    "victim_burglary": _victim(0.018, 0.0, -0.1, change={"2022": 0.3}),
    "victim_vehicle": _victim(0.125, 0.0, 0.2, change={"2022": 0.15}),
    # [NTU10] reported 2009: assault 32 %, threats 24 %, fraud 41 %, burglary 74-88 %, bicycles 38 %.
    "reported_violence": _reported("victim_violence", 0.32),
    "reported_threat": _reported("victim_threat", 0.24),
    "reported_theft": _reported("victim_theft", 0.40),
    "reported_fraud": _reported("victim_fraud", 0.41),
    "reported_burglary": _reported("victim_burglary", 0.80),
    "reported_vehicle": _reported("victim_vehicle", 0.50),
    **{
        f"times_{crime}": _times(f"victim_{crime}")
        for crime in ("violence", "threat", "theft", "fraud", "burglary", "vehicle")
    },
    "worry_burglary": _worry(0.22, 0.34, 0.28, 0.11, 0.05, woman=0.15, young=-0.3, change={"2022": -0.2}),
    # [NTU16] 22 % of women and 8 % of men. No change in the truth: a report that finds one is wrong.
    "worry_assault": _worry(0.30, 0.32, 0.23, 0.10, 0.05, woman=1.0, young=0.5),
    # Below [NTU22] 32 %, where having refrained from buying online also counts; older persons worry more.
    "worry_fraud": _worry(
        0.20, 0.31, 0.27, 0.15, 0.07, woman=0.1, young=-0.5, place=0.1, change={"2022": 0.15}
    ),
    "worry_sexual": _worry(0.52, 0.23, 0.14, 0.07, 0.04, woman=2.0, young=0.9),
    "worry_vandalism": _worry(0.30, 0.34, 0.23, 0.09, 0.04, woman=0.05, young=-0.1),
    # [STHLM] 68-71 % safe in the region; [NTU23] women 34 %, men 18 % unsafe, a difference of 0.85 in logits.
    "unsafe_evening": Item(
        (0.28, 0.43, 0.19, 0.06, 0.04), woman=1.0, age="both_ends", age_scale=0.5, young_woman=0.5, place=1.0,
        outlook=0.9, change={"2022": -0.18}, aside={"6": 0.05},
    ),
    "unsafe_daytime": Item((0.63, 0.32, 0.04, 0.01), woman=0.3, age="both_ends", place=0.9, outlook=0.9),
    # Region somewhat below the two districts of [STHLM].
    "avoid_places": _avoid(0.38, 0.27, 0.24, 0.11, change={"2022": -0.2}),
    "avoid_activities": _avoid(0.67, 0.21, 0.09, 0.03),  # [NTU16] 12 %
    "avoid_transport": _avoid(0.52, 0.26, 0.15, 0.07),  # [NTU16] 34 % "ever", asked in another way
    # The large share without an opinion is a known finding of the regional surveys; its size is assumed.
    "police_cares": Item(
        (0.62, 0.38), woman=-0.15, age="young", age_scale=0.2, place=0.5, outlook=0.5, dont_know=0.36,
        change={"2018": 0.15, "2022": -0.2},
    ),
    "police_presence": Item(
        (0.10, 0.42, 0.34, 0.14), place=0.2, outlook=0.4, dont_know=0.18, change={"2018": 0.1, "2022": -0.15}
    ),
    # [NTU23] about half have great confidence in the police.
    "police_trust": Item(
        (0.12, 0.40, 0.29, 0.13, 0.06), woman=-0.15, place=0.3, outlook=0.5, dont_know=0.03,
        change={"2018": 0.2, "2022": -0.1},
    ),
    "municipality_cares": Item((0.56, 0.44), place=0.4, outlook=0.4, dont_know=0.34),
    "municipality_trust": Item((0.06, 0.29, 0.41, 0.17, 0.07), place=0.3, outlook=0.4, dont_know=0.06),
    "housing": Item((0.36, 0.32, 0.27, 0.05), age="old", age_scale=0.3, place=-0.4, dont_know=0.0),
    "years_in_area": Item((0.12, 0.28, 0.27, 0.33), age="old", age_scale=1.2, dont_know=0.0),
}  # fmt: skip

# Self-reported gender given register gender: about 0.7 % other, 0.8 % undisclosed, a few the other one.
GENDER_CODES = ("woman", "man", "other", "undisclosed", SKIPPED)
GENDER_SHARES = {
    "woman": (0.9795, 0.0015, 0.007, 0.008, 0.004),
    "man": (0.0015, 0.9795, 0.007, 0.008, 0.004),
}
# Language of the questionnaire: assumed; the survey exists in these three.
LANGUAGES = ("sv", "en", "ar")
LANGUAGE_SHARES = (0.945, 0.035, 0.020)
