"""What has changed since the last picture: figures and verdicts, sources, events, promises, texts.

That two figures differ says nothing by itself: whether something has changed is told by the later picture's
released verdict alone, and only where it compares just these two waves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from survey.followup.pictures.content import Measure, Picture, Text
from survey.followup.pictures.word_changes import Piece, word_changes
from survey.publication.content import Figure

VERDICTS: Mapping[str, str] = {
    "up": "har ökat",
    "down": "har minskat",
    "unchanged": "oförändrat",
    "too_uncertain": "går inte att säga",
    "not_comparable": "jämförs inte",
    "": "visas inte",
}
SAME_WAVE = "samma mätning, rättad siffra"
SAME_SAID = "Lägesbilderna bygger på samma mätning. Mellan dem är ingen förändring prövad."
OTHER_SAID = (
    "Lägesbilderna bygger på mätningar som inte är jämförda med varandra. Ingen förändring är prövad."
)
OTHER_WAVES = "är inte prövat mellan just de här mätningarna"
SURVEY = "Enkäten"
Named = Mapping[str, tuple[str, str]]  # by what tells one from another: its name, and what is said of it
NEW, GONE = "tillkommit", "finns inte längre"


@dataclass(frozen=True)
class FigureRow:
    """A measure in both pictures, and what the release says of the change between them."""

    label: str
    before: Figure | None
    now: Figure | None
    said: str
    certain: bool


@dataclass(frozen=True)
class Line:
    """A thing that came, went or reads otherwise."""

    kind: str
    name: str
    said: str


@dataclass(frozen=True)
class TextRow:
    """A text that reads otherwise, with the words that came and went."""

    title: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Differences:
    """Two pictures of a place beside each other."""

    before: str  # which waves, as "september 2018, utgåva 1"
    now: str
    said: str  # what has certainly changed; empty where the place has no figures of its own
    figures: tuple[FigureRow, ...]
    lines: tuple[Line, ...]
    texts: tuple[TextRow, ...]

    @property
    def certain(self) -> tuple[FigureRow, ...]:
        """Figures that have certainly risen or fallen."""
        return tuple(row for row in self.figures if row.certain)


def differences(before: Picture, now: Picture) -> Differences:
    """What the later picture of a place says otherwise than the earlier one."""
    return Differences(
        _named(before),
        _named(now),
        _counts(before, now),
        tuple(_figures(before, now)),
        tuple(_lines(before, now)),
        tuple(_texts(before, now)),
    )


def _named(picture: Picture) -> str:
    return f"{picture.period.name}, utgåva {picture.period.version}"


def _counts(before: Picture, now: Picture) -> str:
    if before.period.wave == now.period.wave:
        return SAME_SAID
    return now.development.counts if before.period.name == now.period.previous else OTHER_SAID


def _figures(before: Picture, now: Picture) -> Iterator[FigureRow]:
    earlier = {one.indicator: one for one in before.measures}
    later = {one.indicator: one for one in now.measures}
    for name, one in {**earlier, **later}.items():
        was, stands = earlier.get(name), later.get(name)
        row = FigureRow(
            one.label, was.now if was else None, stands.now if stands else None, *_said(before, now, stands)
        )
        if _differs(was, stands):
            yield row


def _differs(was: Measure | None, stands: Measure | None) -> bool:
    if was is None or stands is None:
        return True
    return (was.now, was.change.verdict) != (stands.now, stands.change.verdict)


def _said(before: Picture, now: Picture, stands: Measure | None) -> tuple[str, bool]:
    if stands is None:
        return GONE, False
    if before.period.wave == now.period.wave:
        return SAME_WAVE, False
    if before.period.name != now.period.previous:
        return OTHER_WAVES, False
    return VERDICTS[stands.change.verdict], stands.change.certain


def _lines(before: Picture, now: Picture) -> Iterator[Line]:
    pairs: tuple[tuple[str, Named, Named], ...] = (
        ("Källa", _sources(before), _sources(now)),
        ("Serie från annan källa", _series(before), _series(now)),
        ("Utsatt område", _classes(before), _classes(now)),
        ("Händelse", _events(before), _events(now)),
        ("Löfte", _promises(before), _promises(now)),
    )
    for kind, was, stands in pairs:
        for key, (name, _) in {**was, **stands}.items():
            before_said, said = was.get(key, ("", ""))[1], stands.get(key, ("", ""))[1]
            if key not in stands:
                yield Line(kind, name, GONE)
            elif key not in was:
                yield Line(kind, name, f"{NEW}: {said}" if said else NEW)
            elif before_said != said:
                yield Line(kind, name, f"{before_said} → {said}")


def _sources(picture: Picture) -> Named:
    """The survey, and which other sources were used; the series have lines of their own."""
    series = {one.title for one in picture.other_sources}
    survey = f"{picture.period.title}, utgåva {picture.period.version}"
    return {SURVEY: (SURVEY, survey)} | {
        one.name: (one.name, "används" if one.used else f"används inte: {one.why}")
        for one in picture.sources[1:]
        if one.name not in series
    }


def _series(picture: Picture) -> Named:
    return {
        one.code: (one.title, f"till och med {one.values[-1].period}, inläst {one.read_day}")
        for one in picture.other_sources
        if one.values
    }


def _classes(picture: Picture) -> Named:
    return {
        one.name: (one.name, f"{one.classes[-1][1]} ({one.classes[-1][0]})")
        for one in picture.vulnerable.areas
    }


def _events(picture: Picture) -> Named:
    return {one: (one, "") for one in (f"{one.starts_on}: {one.text}" for one in picture.events)}


def _promises(picture: Picture) -> Named:
    """By place and title: a picture that was signed long ago knows no number of a promise."""
    return {f"{one.place}: {one.title}": (one.title, one.status) for one in picture.promises}


def _texts(before: Picture, now: Picture) -> Iterator[TextRow]:
    was, stands = _by_part(before), _by_part(now)
    for part, text in {**was, **stands}.items():
        old = was[part].text if part in was else ""
        new = stands[part].text if part in stands else ""
        if old != new:
            yield TextRow(text.title, word_changes(old, new))


def _by_part(picture: Picture) -> dict[str, Text]:
    return {one.part: one for one in picture.texts}
