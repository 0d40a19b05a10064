"""What can be chosen on the bench: the measures, waves, places and groups of the open releases."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.models.release import Estimate
from survey.publication import catalogue, wording
from survey.publication.extracts import Viewer
from survey.publication.formats.cube import GENDERS
from survey.publication.pages.neighbours import alphabetical
from survey.publication.released import ALL
from survey.publication.releases import ReleasedWave
from survey.questionnaire import indicators as library
from survey.questionnaire.indicators import Indicator

MUNICIPALITIES = "kommuner"
AREAS_OF = "delomraden-"
UNIONS_OF = "geografi-"
SPLIT = "var-for-sig"
REGION = "Hela regionen"
Place = tuple[str, str]  # geography and code

GROUP_WORDS = {ALL: "Alla", SPLIT: "Var för sig"}


@dataclass(frozen=True)
class Options:
    """What there is, each choice by its value in the address and its words."""

    measures: Mapping[str, Indicator]
    waves: Mapping[str, ReleasedWave]  # the newest first
    places: Mapping[str, str]
    of_place: Mapping[str, tuple[Place, ...]]  # the places that a choice stands for
    names: Mapping[Place, str]
    genders: Mapping[str, str]
    ages: Mapping[str, str]

    @property
    def topics(self) -> Mapping[str, tuple[Indicator, ...]]:
        """The measures under the title of their topic."""
        titles = {topic.id: topic.title for topic in library.topics()}
        found: dict[str, tuple[Indicator, ...]] = {}
        for one in self.measures.values():
            title = titles.get(one.topic, "Kommunernas egna frågor")
            found[title] = (*found.get(title, ()), one)
        return found


def read_options(session: Session, viewer: Viewer) -> Options:
    """Everything that a reader may choose among."""
    listed = catalogue.list_places(session, viewer, {})
    releases = {one.code: one for one in listed.releases}
    measures = {
        one.id: one
        for one in catalogue.measures_of(session, viewer, listed.releases)
        if isinstance(one, Indicator)
    }
    rows = [(str(geography), str(code), str(name), of) for geography, code, name, of in listed.rows]
    names = {(geography, code): name for geography, code, name, _ in rows}
    names |= {(ALL, ALL): REGION} if (ALL, ALL) in names else {}
    places, of_place = _places(names, {code: str(of) for _, code, _, of in rows if of})
    return Options(
        measures,
        releases,
        places,
        of_place,
        names,
        {**GROUP_WORDS, **{code: wording.GENDERS[code] for code in GENDERS if code != ALL}},
        {**GROUP_WORDS, **{age: f"{age.replace('-', '–')} år" for age in _ages(session, listed.releases)}},
    )


def _places(
    names: Mapping[Place, str], municipality_of: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, tuple[Place, ...]]]:
    """The choices of places: the region, all municipalities, each with its areas, then other geographies."""
    ordered = sorted(names, key=lambda place: alphabetical(names[place]))
    of = {geography: [one for one in ordered if one[0] == geography] for geography, _ in ordered}
    words: dict[str, str] = {}
    found: dict[str, tuple[Place, ...]] = {}
    if ALL in of:
        words[ALL], found[ALL] = REGION, ((ALL, ALL),)
    if "municipality" in of:
        words[MUNICIPALITIES], found[MUNICIPALITIES] = "Alla kommuner", tuple(of["municipality"])
    for place in of.get("municipality", ()):
        code, name = place[1], names[place]
        words[code], found[code] = name, (place,)
        areas = tuple(area for area in of.get("area", ()) if municipality_of.get(area[1]) == code)
        if areas:
            words[f"{AREAS_OF}{code}"], found[f"{AREAS_OF}{code}"] = f"Delområden i {name}", areas
    for geography in sorted(set(of) - {ALL, "municipality", "area"}):
        key = f"{UNIONS_OF}{geography}"
        words[key], found[key] = geography.replace("_", " ").capitalize(), tuple(of[geography])
    return words, found


def _ages(session: Session, releases: tuple[ReleasedWave, ...]) -> list[str]:
    """The age groups of the whole region, which are those of every place."""
    found = session.scalars(
        select(Estimate.age_group)
        .where(
            Estimate.release_id.in_([one.release_id for one in releases]),
            Estimate.geography == ALL,
            Estimate.code == ALL,
            Estimate.age_group != ALL,
        )
        .distinct()
    )
    return sorted(found)
