"""A view of the bench as its address writes it: measure, waves, places, groups and picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from survey.errors import Faults
from survey.publication.bench.options import MUNICIPALITIES, SPLIT, Options, Place
from survey.publication.released import ALL
from survey.publication.standings import STATISTIC

FUNNEL = "tratt"
PICTURES = {
    "andelar": "Andelar",
    "forandring": "Förändring sedan mätningen innan",
    FUNNEL: "Tratt: hur platserna ligger runt regionen",
}
UNKNOWN = "{} finns inte i de släppta resultaten. Välj i listan."


@dataclass(frozen=True)
class Choice:
    """What is looked at; every part is one that there is."""

    measure: str
    waves: tuple[str, ...]  # the newest first
    place: str
    beside: str  # a place to compare with; empty for none
    gender: str
    age: str
    picture: str

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The fields of the view as its address has them."""
        return (
            ("matt", self.measure),
            *(("omgang", code) for code in self.waves),
            ("plats", self.place),
            *((("bredvid", self.beside),) if self.beside else ()),
            ("kon", self.gender),
            ("alder", self.age),
            ("bild", self.picture),
        )

    @property
    def query(self) -> str:
        """The same view as an address, always written the same way."""
        return urlencode(self.parts)

    def places(self, options: Options) -> tuple[Place, ...]:
        """The places of the view, each once."""
        beside = options.of_place[self.beside] if self.beside else ()
        return tuple(dict.fromkeys((*options.of_place[self.place], *beside)))

    def filters(self, options: Options) -> dict[str, Sequence[str]]:
        """The view as a question to the released rows."""
        places = self.places(options)
        found: dict[str, Sequence[str]] = {
            "wave": self.waves,
            "geography": sorted({geography for geography, _ in places}),
            "code": sorted({code for _, code in places}),
            "indicator": [self.measure],
            "statistic": [STATISTIC],
        }
        for name, value in (("gender", self.gender), ("age_group", self.age)):
            if value != SPLIT:
                found[name] = [value]
        return found


def read_choice(args: Mapping[str, Sequence[str]], options: Options) -> Choice:
    """The view that an address asks for; what it leaves out is the first there is.

    Raises:
        Faults: something that there is not, by the name of its field.
    """
    faults: dict[str, str] = {}

    def one_of(field: str, known: Mapping[str, object], otherwise: str) -> str:
        value = next((text for text in args.get(field, ()) if text), otherwise)
        if value not in known and value != otherwise:
            faults[field] = UNKNOWN.format(f"”{value[:60]}”")
        return value

    waves = [code for code in args.get("omgang", ()) if code] or list(options.waves)[:1]
    if stray := [code for code in waves if code not in options.waves]:
        faults["omgang"] = UNKNOWN.format(f"Mätningen ”{stray[0][:60]}”")
    picture = one_of("bild", PICTURES, next(iter(PICTURES)))
    around_region = picture == FUNNEL and ALL in options.places and ALL not in args.get("plats", ())
    first_place = MUNICIPALITIES if MUNICIPALITIES in options.places else next(iter(options.places), "")
    found = Choice(
        one_of("matt", options.measures, next(iter(options.measures), "")),
        tuple(code for code in options.waves if code in waves),
        one_of("plats", options.places, first_place),
        one_of("bredvid", options.places, ALL if around_region else ""),
        one_of("kon", options.genders, ALL),
        one_of("alder", options.ages, ALL),
        picture,
    )
    if faults:
        raise Faults(faults)
    return found
