"""How the figures were made, in words; every number is read from the settings stored with the release."""

from collections.abc import Mapping
from typing import Any

from survey.publication import numbers
from survey.publication.content import MethodText
from survey.publication.released import ReleaseFacts

UNKNOWN = ("Inställningarna står inte i utgåvans underlag.",)
INTERVALS = {
    "wilson": "Wilsons intervall på det effektiva antalet svar",
    "korn-graubard": "Korn och Graubards intervall på det effektiva antalet svar",
    "logit": "ett logit-intervall",
    "wald": "ett symmetriskt intervall (Wald)",
}
VARIANCES = {
    "leverage": "linjäriserad med de slutliga vikterna och justerad för att enstaka svar kan styra mycket",
    "final-weights": "linjäriserad med de slutliga vikterna",
    "deville-sarndal": "linjäriserad enligt Deville och Särndal",
    "fixed-weights": "räknad som om vikterna vore givna",
}
EFFECTIVE = (
    "Det effektiva antalet är så många svar som ett enkelt slumpmässigt urval hade behövt för att ge "
    "samma säkerhet."
)
PRIMARY_AND_SECONDARY = "primary and secondary"


def build_method(release: ReleaseFacts, trimmed_share: float | None = None) -> MethodText:
    """The method of a release; `trimmed_share` is the part of the municipality's weights that were cut."""
    settings = release.settings
    if not settings:
        return MethodText("", "", "", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    limits = settings["thresholds"]
    hidden = _disclosure(release.disclosure, limits)
    return MethodText(
        confidence=_percent(settings["confidence"]),
        small_base=f"{limits['minimum_n']}–{limits['small_base_below'] - 1}",
        unchanged=_within(limits["equivalence_points"], limits["equivalence_relative"]),
        weights=(_steps(settings), _calibration(settings), _trimming(settings, trimmed_share)),
        interval=_interval(settings),
        changes=(_marks(limits), _tests(settings, limits), _unchanged(limits), _detectable(limits)),
        hidden=(_shown(limits), _sensitive(limits), *hidden),
        beside=_beside(limits),
    )


def _steps(settings: Mapping[str, Any]) -> str:
    areas = "" if settings["calibration"] == "poststratification" else " och efter delområde"
    return (
        "Varje svar vägs i tre steg: efter hur stor del av delområdet som valdes ut, efter hur många som "
        "svarade bland de utvalda i kommunen med samma kön och ålder, och till sist så att summorna stämmer "
        f"med den kända folkmängden efter kön och ålder i kommunen{areas}. Kön och ålder är här de som står "
        "i folkbokföringen."
    )


def _calibration(settings: Mapping[str, Any]) -> str:
    """The method of the last step, and which groups are too small to stand alone."""
    ways = {
        "raking": "en kalibrering (raking)",
        "linear": "en linjär kalibrering",
        "logit": f"en kalibrering (logit) inom gränserna {_bounds(settings['logit_bounds'])}",
        "poststratification": "en efterstratifiering",
    }
    way = ways[settings["calibration"]]
    if settings["calibration"] == "raking" and settings["g_bounds"]:
        bounds = _bounds(settings["g_bounds"])
        way += f". Om någon vikt då ändras utanför {bounds} prövas logit inom de gränserna"
    merged = (
        f"Grupper efter kön och ålder med färre än {settings['cell_minimum']} svar slås ihop med "
        f"åldersgruppen bredvid, och delområden med färre än {settings['area_minimum']} svar med delområdet "
        "bredvid."
    )
    if settings["response_group_minimum"]:
        merged += (
            f" I det andra steget slås grupper ihop vidare när de har färre än "
            f"{settings['response_group_minimum']} svar eller skulle räknas upp mer än "
            f"{_plain(settings['response_factor_limit'])} gånger."
        )
    return f"Det sista steget är {way}. Går folkmängderna inte att nå används bara kön och ålder. {merged}"


def _trimming(settings: Mapping[str, Any], share: float | None) -> str:
    if settings["trimming"] == "none":
        return "Tunga vikter har inte sänkts."
    times = f"{_plain(settings['trim_factor'])} gånger"
    first = f"Vikter över {times} kommunens medianvikt sänks dit"
    if settings["trimming"] == "spread":
        text = f"{first}, och det som blir över fördelas lika på de andra."
    else:
        text = (
            f"{first}, och de andra vägs om så att summorna fortfarande stämmer. Där en grupps folkmängd då "
            f"inte kan nås är gränsen {times} gruppens egen median, och finns det ändå inga sådana vikter, "
            "eller blir vikterna mer ojämna, sänks ingen."
        )
    if share is None:
        return text
    cut = f"vikten för {_percent(share, 1)} procent av svaren" if share else "ingen vikt"
    return f"{text} I den här kommunen sänktes {cut}."


def _interval(settings: Mapping[str, Any]) -> tuple[str, ...]:
    level = _percent(settings["confidence"])
    way = f"Metoden är {INTERVALS[settings['interval']]}, med en varians som är "
    way += f"{VARIANCES[settings['linearization']]}."
    return (
        f"Intervallet täcker det rätta värdet i ungefär {level} fall av 100, om de som inte svarade liknar "
        "dem i samma grupp som gjorde det. Det tar hänsyn till urvalet, vikterna och avstämningen mot "
        "folkmängden, men inte till missförstånd, till att en del hoppar över just den frågan eller till att "
        "de som aldrig svarar kan skilja sig från dem som gör det.",
        f"{way} {EFFECTIVE}",
    )


def _marks(limits: Mapping[str, Any]) -> str:
    least = _at_least(limits["mark_points"], limits["mark_relative"])
    return (
        "En förändring kallas ökning eller minskning, och är säkerställd, bara om den klarar en statistisk "
        f"prövning och är {least}."
    )


def _tests(settings: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    alpha = _percent(limits["alpha"])
    text = (
        "När många förändringar prövas samtidigt ser några stora ut av en slump, och kraven höjs därför. "
        f"För nyckeltalen bland alla invånare, högst {limits['headline_maximum']} och bestämda i förväg, är "
        f"risken för någon falsk markering högst {alpha} procent (Holms metod). För övriga mått, och för kön "
        f"och åldrar var för sig, väntas högst {alpha} procent av markeringarna vara falska (Benjamini och "
        "Hochberg). Det gäller en kommun eller ett delområde i taget: den som jämför många rapporter hittar "
        "även slump."
    )
    if settings["profile"] == "reference":
        text = (
            f"Alla mått prövas tillsammans så att högst {alpha} procent av markeringarna väntas vara falska "
            "(Benjamini och Hochberg)."
        )
    if settings["test_everywhere"]:
        return text
    return (
        f"{text} Där färre än {_plain(limits['effective_count'])} effektiva svar är av det ena slaget i "
        "någon av mätningarna görs ingen prövning, och förändringen kan inte bli säkerställd."
    )


def _unchanged(limits: Mapping[str, Any]) -> str:
    return (
        f"Annars kallas den oförändrad om två prövningar, var och en på {_percent(limits['alpha'])} procents "
        f"nivå, visar att ökningen och minskningen är {_within_words(limits)}. Det kan finnas en mindre "
        "förändring ändå. I alla andra fall går det inte att säga."
    )


def _detectable(limits: Mapping[str, Any]) -> str:
    return (
        "Den förändring som sägs kunna synas är den som en enda prövning hittar i "
        f"{_percent(limits['power'])} fall av 100. När många prövas behövs mer. Rapporten säger inte varför "
        "något har förändrats: det kan en enkät inte svara på."
    )


def _beside(limits: Mapping[str, Any]) -> tuple[str, ...]:
    least = f"minst {_points(limits['mark_points'])}, eller {_percent(limits['mark_relative'])} procent av "
    least += "andelen i det som det jämförs med om det är mindre"
    return (
        "Kommunen prövas mot hela regionen, där den själv är inräknad, mot andra kommuner av "
        "samma slag om de är minst tre, och varje delområde mot kommunen. "
        "Prövningen tar hänsyn till när den ena är en del av den andra, och kraven höjs på samma sätt som "
        "för förändringar. En andel kallas högre eller lägre bara om den klarar prövningen och skillnaden "
        f"är {least}. Annars finns ingen säker skillnad, vilket inte betyder att andelarna är lika.",
        "Två kommuner eller två delområden är inte prövade mot varandra. Att de har olika ord eller märken "
        "säger inte att de skiljer sig åt.",
    )


def _shown(limits: Mapping[str, Any]) -> str:
    return (
        f"Ett tal visas när minst {limits['minimum_n']} personer har svarat på frågan, det effektiva antalet "
        f"svar är minst {_plain(limits['minimum_n_eff'])} och intervallet är smalare än "
        f"{_points(limits['width_limit'])}. Är det bredare än {_points(limits['width_always_shown'])} får "
        f"det inte heller vara bredare än {_percent(limits['relative_width_limit'])} procent av andelen. Tal "
        f"som bygger på färre än {limits['small_base_below']} svar har en stjärna."
    )


def _sensitive(limits: Mapping[str, Any]) -> str:
    return (
        f"För känsliga frågor, som utsatthet för brott, visas inget tal där 1–{limits['hidden_persons']} "
        "personer har svarat på ena sättet, så att ingen ska kännas igen. För alla i kommunen eller regionen "
        f"är gränsen 1–{limits['hidden_persons_municipality']}. En förändring visas bara när båda talen "
        "visas. Dolda tal skrivs med två punkter."
    )


def _disclosure(kind: str, limits: Mapping[str, Any]) -> tuple[str, ...]:
    """What the manifest says of protection against working hidden figures out from shown ones."""
    if kind == PRIMARY_AND_SECONDARY:
        return (
            "Ibland döljs också ett tal som i sig kunde visas, för att ett annat dolt tal annars skulle "
            "kunna räknas fram genom att dra visade tal från varandra. Mellan det minsta och det största "
            "antal som det dolda talet kan stå för, när allt visat är känt, ska det vara minst "
            f"{limits['protection_width']} personer. En grupp med färre personer än så ska kunna ha svarat "
            "hur som helst, från ingen till alla.",
        )
    return (f"Röjandekontroll enligt utgåvans underlag: {kind}.",) if kind else ()


def _at_least(points: float, relative: float) -> str:
    return f"minst {_points(points)}, eller {_part(relative)} om det är mindre"


def _within(points: float, relative: float) -> str:
    return f"{_points(points)}, eller {_part(relative)} om det är mindre"


def _within_words(limits: Mapping[str, Any]) -> str:
    return f"mindre än {_within(limits['equivalence_points'], limits['equivalence_relative'])}"


def _part(relative: float) -> str:
    return (
        f"{_percent(relative)} procent av andelen i mätningen innan (av resten upp till hundra när andelen "
        "är över hälften)"
    )


def _points(share: float) -> str:
    size = round(share * 100, 6)
    return f"{_plain(size)}{numbers.NBSP}{'procentenhet' if size == 1 else 'procentenheter'}"


def _percent(share: float, decimals: int | None = None) -> str:
    size = round(share * 100, 6)
    return _plain(size if decimals is None else float(numbers.rounded(size, decimals)))


def _plain(value: float) -> str:
    """A setting without more decimals than it has: 5.0 as "5", 1.25 as "1,25"."""
    return f"{value:g}".replace(".", ",")


def _bounds(pair: tuple[float, float]) -> str:
    return f"{_plain(pair[0])}–{_plain(pair[1])} gånger"
