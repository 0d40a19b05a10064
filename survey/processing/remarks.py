"""What the statistics had to remark, in Swedish: kind by kind, and what a reviewer should do about it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.remarks import Remark

SEXES = {"woman": "kvinnor", "man": "män", "woman+man": "kvinnor och män"}
_CODES = {**SEXES, "sex_age": "kön och ålder", "area": "delområde"}
_CODED = re.compile(rf"(?<![\w+-])(?:{'|'.join(map(re.escape, _CODES))})(?![\w+-])")
_AGES = re.compile(r"(?<![\w-])(\d\d)-(\d\d)(?![\w-])")
NO_WEIGHTS_MEET = (
    "Inga vikter når folkmängden i gruppen {category} ({margin}); det som är närmast är {deviation} ifrån."
)


@dataclass(frozen=True)
class Kind:
    """A kind of remark: what it is called, what it means, and how one is told."""

    heading: str
    meaning: str
    line: str
    check: bool = False  # a reviewer should look at each


BLANK = "blank_forms"  # seen before the statistics begin
KINDS: Mapping[str, Kind] = {
    BLANK: Kind(
        "Inlämnade formulär utan något svar",
        "Alla frågor är överhoppade, eller besvarade med vet inte eller vill inte svara. "
        "De räknas som bortfall.",
        "{persons} svar utan något svar räknas som bortfall.",
    ),
    "no_respondents": Kind(
        "Ingen har svarat",
        "Kommunen får inga resultat. Kontrollera att alla svar har kommit in.",
        "Ingen har svarat.",
        True,
    ),
    "no_population": Kind(
        "Grupper som inte finns i folkmängden",
        "Svaren väger ingenting. Kontrollera folkmängden.",
        "{persons} svar i gruppen {cell} väger ingenting.",
        True,
    ),
    "total_scaled": Kind(
        "Folkmängden är en annan än i urvalsramen",
        "Delområdena räknas upp till den officiella folkmängden. En stor skillnad tyder på fel datum.",
        "Urvalsramen har {counted} personer och folkmängden är {total}.",
        True,
    ),
    "margins_given_up": Kind(
        "Alla folkmängder går inte att nå",
        "Vikterna stämmer bara med en del av folkmängderna. Delområden eller grupper kan väga snett.",
        f"{NO_WEIGHTS_MEET} Vikterna stämmer bara med en del av folkmängderna.",
        True,
    ),
    "register_sex": Kind(
        "Juridiskt kön i stället för uppgivet",
        "Folkmängden efter uppgivet kön går inte att nå, så kommunen viktas efter registrets kön.",
        f"{NO_WEIGHTS_MEET} Registrets kön används.",
    ),
    "nobody_reports": Kind(
        "Juridiskt kön i stället för uppgivet",
        "Ingen har uppgett det ena könet i en grupp, så kommunen viktas efter registrets kön.",
        "Ingen uppger sig höra till gruppen {cell}. Registrets kön används.",
    ),
    "weights_not_positive": Kind(
        "Vikter som är noll eller mindre",
        "Sådana vikter går inte att tolka. Räkna med en annan kalibrering.",
        "{persons} svar har fått vikten noll eller mindre.",
        True,
    ),
    "bounds_given_up": Kind(
        "Vikter utanför gränserna",
        "Inga vikter inom gränserna når folkmängden. Några svar väger ovanligt mycket eller lite.",
        "Vikterna ändras {lowest}–{highest} gånger; gränsen är {low}–{high}.",
        True,
    ),
    "bounds_met": Kind(
        "Vikter som hålls inom gränserna",
        "Ett vanligt andra steg när vikterna annars ändras mycket. Inget att göra.",
        "Vikterna ändrades {lowest}–{highest} gånger och hålls nu inom {low}–{high}.",
    ),
    "not_trimmed": Kind(
        "Tunga vikter som inte gick att sänka",
        "Enstaka svar väger mycket. Läs kommunens resultat med det i minnet.",
        "Inga vikter når både taket och folkmängden i gruppen {cell}.",
        True,
    ),
    "trimming_worse": Kind(
        "Tunga vikter som inte gick att sänka",
        "Enstaka svar väger mycket. Läs kommunens resultat med det i minnet.",
        "Vikterna skulle bli mer ojämna om {persons} av dem sänktes.",
        True,
    ),
    "capped_by_group": Kind(
        "Grupper med eget tak för vikterna",
        "Gruppen är stor och har få svar, så dess svar måste väga mer än kommunens tak.",
        "Gruppen {cell} med {persons} svar har taket {factor} gånger sin egen mittersta vikt.",
    ),
    "trimmed": Kind(
        "Sänkta vikter",
        "Svar som väger mycket mer än andra har fått lägre vikt, så att ingen ensam styr ett resultat.",
        "{share} av vikterna är sänkta, {persons} svar.",
    ),
    "ages_merged": Kind(
        "Åldersgrupper som viktas tillsammans",
        "Vanligt där få har svarat. Vikterna rättar då inte för skillnader mellan de åldrarna.",
        "{sex} {ages}: {persons} svar tillsammans.",
    ),
    "areas_merged": Kind(
        "Delområden som viktas tillsammans",
        "Vanligt där få har svarat. Vikterna rättar då inte för skillnader mellan de delområdena.",
        "{areas}: {persons} svar tillsammans.",
    ),
    "categories_merged": Kind(
        "Grupper ur registret som viktas tillsammans",
        "Vanligt där få har svarat.",
        "{cell}: {persons} svar tillsammans.",
    ),
    "response_groups_merged": Kind(
        "Grupper som räknas upp tillsammans för bortfallet",
        "Grupperna antas svara av samma skäl. Är de många är bortfallet svårt att rätta för.",
        "{cells}: {persons} svar tillsammans.",
    ),
    "propensity_class": Kind(
        "Klasser efter hur troligt det är att någon svarar",
        "Så rättas för bortfallet när registret vet mer än kön och ålder. Inget att göra.",
        "{persons} svar i klassen där {lowest}–{highest} väntas svara.",
    ),
    "strata_collapsed": Kind(
        "Delområden med ett enda svar",
        "Osäkerheten räknas tillsammans med ett delområde intill.",
        "{cell}: {persons} svar tillsammans.",
    ),
    "stratum_empty": Kind(
        "Delområden utan svar",
        "Kommunens övriga svar får stå för delområdet, som inte får egna resultat.",
        "Ingen har svarat i {cell}.",
        True,
    ),
    "compared_without": Kind(
        "Jämförelser på en del av kommunerna",
        "Bara kommuner som är med båda gångerna jämförs; annars skiljer sig även vilka som är med.",
        "Jämförs med {previous_wave} utan {left_out}.",
    ),
    "not_compared": Kind(
        "Jämförelser som inte görs",
        "För få kommuner är med båda gångerna.",
        "Jämförs inte med {previous_wave}: utan {left_out} blir det för lite kvar.",
    ),
}
UNKNOWN = Kind("Övriga anmärkningar", "", "{text}", True)
REGION = "all all"
PLACES = {REGION: "hela regionen"}


@dataclass(frozen=True)
class Told:
    """The remarks of a kind."""

    heading: str
    meaning: str
    check: bool
    lines: tuple[str, ...]


def blank_forms(by_wave: Mapping[str, int]) -> list[Remark]:
    """How many forms of each wave were left out because nothing in them was answered."""
    return [Remark(code, REGION, "nonresponse", BLANK, persons=number) for code, number in by_wave.items()]


def kept(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    """Remarks as they are stored with a run."""
    return [asdict(remark) for remark in remarks]


def sentences(stored: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Every remark as a line of its own."""
    return tuple(_line(one, {}) for one in stored)


def by_kind(stored: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> tuple[Told, ...]:
    """Remarks by kind, those to look at first; `names` are those of municipalities."""
    lines: dict[Kind, list[str]] = {}
    for one in stored:
        lines.setdefault(KINDS.get(one["kind"], UNKNOWN), []).append(_line(one, names))
    found = [Told(kind.heading, kind.meaning, kind.check, tuple(told)) for kind, told in lines.items()]
    return tuple(sorted(found, key=lambda told: (not told.check, told.heading)))


def _line(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    values = {name: _plain(name, value) for name, value in one["values"].items()}
    kind = KINDS.get(one["kind"], UNKNOWN)
    facts = {"cell": _group(one["cell"]), "persons": one["persons"]}
    if kind is UNKNOWN:
        facts["text"] = str(Remark(**one))
    where = names.get(one["place"]) or PLACES.get(one["place"], one["place"])
    told = kind.line.format(**{**facts, **values})
    told = told[:1].upper() + told[1:]
    return f"{one['wave']}, {where}: {told}" if where else told


def _plain(name: str, value: object) -> str:
    """A value as Swedish writes it."""
    if name == "sex":
        return SEXES.get(str(value), str(value)).capitalize()
    if name == "ages":
        bands = str(value).split()
        return f"{bands[0].split('-')[0]}–{bands[-1].split('-')[-1]} år"
    if name in ("share", "deviation"):
        return f"{100 * float(str(value)):.1f} procent".replace(".", ",")
    if isinstance(value, float):
        text = f"{value:,.0f}".replace(",", "\xa0") if value >= 100 else f"{value:.3g}"
        return text.replace(".", ",")
    return _group(str(value))


def _group(text: str) -> str:
    """The name of a group, or of several, without the codes of the program."""
    plain = _CODED.sub(lambda code: _CODES[code[0]], text.replace("/", ", ").replace(":", " "))
    return _AGES.sub(r"\1–\2 år", plain)
