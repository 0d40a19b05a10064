"""How the figures were made, in words; every number is read from the settings stored with the release."""

from collections.abc import Mapping
from typing import Any

from survey.publication import numbers
from survey.publication.content import MethodText
from survey.publication.released import ReleaseFacts
from survey.publication.speech import say

UNKNOWN = "Inställningarna står inte i utgåvans underlag."
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
SPREAD = (
    "Vikter över %(times)s gånger kommunens medianvikt sänks dit, och det som blir över fördelas lika på de "
    "andra."
)
TRIMMED = (
    "Vikter över %(times)s gånger kommunens medianvikt sänks dit, och de andra vägs om så att summorna "
    "fortfarande stämmer. Där en grupps folkmängd då inte kan nås är gränsen %(times)s gånger gruppens egen "
    "median, och finns det ändå inga sådana vikter, eller blir vikterna mer ojämna, sänks ingen."
)
LARGER_RISK = (
    "Har kommunen få svar, eller delområden av mycket olika storlek, är risken några procentenheter större."
)
PRIMARY_AND_SECONDARY = "primary and secondary"


def build_method(release: ReleaseFacts, trimmed_share: float | None = None) -> MethodText:
    """The method of a release; `trimmed_share` is the part of the municipality's weights that were cut."""
    settings = release.settings
    if not settings:
        unknown = (say(UNKNOWN),)
        return MethodText("", "", "", unknown, unknown, unknown, unknown)
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
    last = "efter kön och ålder i kommunen"
    if settings["calibration"] != "poststratification":
        last = "efter kön och ålder i kommunen och efter delområde"
    return say(
        "Varje svar vägs i tre steg: efter hur stor del av delområdet som valdes ut, efter hur många som "
        "svarade bland de utvalda i kommunen med samma kön och ålder, och till sist så att summorna stämmer "
        "med den kända folkmängden %(groups)s. Kön och ålder är här de som står i folkbokföringen.",
        groups=say(last),
    )


def _calibration(settings: Mapping[str, Any]) -> str:
    """The method of the last step, and which groups are too small to stand alone."""
    told = [_last_step(settings), say("Går folkmängderna inte att nå används bara kön och ålder.")]
    told.append(
        say(
            "Grupper efter kön och ålder med färre än %(cell)s svar slås ihop med åldersgruppen bredvid, och "
            "delområden med färre än %(area)s svar med delområdet bredvid.",
            cell=settings["cell_minimum"],
            area=settings["area_minimum"],
        )
    )
    if settings["response_group_minimum"]:
        told.append(
            say(
                "I det andra steget slås grupper ihop vidare när de har färre än %(least)s svar eller skulle "
                "räknas upp mer än %(factor)s gånger.",
                least=settings["response_group_minimum"],
                factor=_plain(settings["response_factor_limit"]),
            )
        )
    return " ".join(told)


def _last_step(settings: Mapping[str, Any]) -> str:
    ways = {
        "raking": "Det sista steget är en kalibrering (raking).",
        "linear": "Det sista steget är en linjär kalibrering.",
        "logit": "Det sista steget är en kalibrering (logit) inom gränserna %(bounds)s.",
        "poststratification": "Det sista steget är en efterstratifiering.",
    }
    if settings["calibration"] == "logit":
        return say(ways["logit"], bounds=_bounds(settings["logit_bounds"]))
    way = say(ways[settings["calibration"]])
    if settings["calibration"] == "raking" and settings["g_bounds"]:
        further = "Om någon vikt då ändras utanför %(bounds)s prövas logit inom de gränserna."
        return f"{way} {say(further, bounds=_bounds(settings['g_bounds']))}"
    return way


def _trimming(settings: Mapping[str, Any], share: float | None) -> str:
    if settings["trimming"] == "none":
        return say("Tunga vikter har inte sänkts.")
    text = SPREAD if settings["trimming"] == "spread" else TRIMMED
    told = say(text, times=_plain(settings["trim_factor"]))
    if share is None:
        return told
    if not share:
        return f"{told} {say('I den här kommunen sänktes ingen vikt.')}"
    cut = say("I den här kommunen sänktes vikten för %(share)s procent av svaren.", share=_percent(share, 1))
    return f"{told} {cut}"


def _interval(settings: Mapping[str, Any]) -> tuple[str, ...]:
    level = _percent(settings["confidence"])
    way = say(
        "Metoden är %(interval)s, med en varians som är %(variance)s.",
        interval=say(INTERVALS[settings["interval"]]),
        variance=say(VARIANCES[settings["linearization"]]),
    )
    return (
        say(
            "Intervallet täcker det rätta värdet i ungefär %(level)s fall av 100, om de som inte svarade "
            "liknar dem i samma grupp som gjorde det. Det tar hänsyn till urvalet, vikterna och avstämningen "
            "mot folkmängden, men inte till missförstånd, till att en del hoppar över just den frågan eller "
            "till att de som aldrig svarar kan skilja sig från dem som gör det.",
            level=level,
        ),
        f"{way} {say(EFFECTIVE)}",
    )


def _marks(limits: Mapping[str, Any]) -> str:
    least = _at_least(limits["mark_points"], limits["mark_relative"])
    return say(
        "En förändring kallas ökning eller minskning, och är säkerställd, bara om den klarar en statistisk "
        "prövning och är %(least)s.",
        least=least,
    )


def _tests(settings: Mapping[str, Any], limits: Mapping[str, Any]) -> str:
    alpha = _percent(limits["alpha"])
    text = say(
        "När många förändringar prövas samtidigt ser några stora ut av en slump, och kraven höjs därför. "
        "För nyckeltalen bland alla invånare, högst %(most)s och bestämda i förväg, är risken för någon "
        "falsk markering högst %(alpha)s procent (Holms metod). För övriga mått, och för kön och åldrar "
        "var för sig, väntas högst %(alpha)s procent av markeringarna vara falska (Benjamini och Hochberg). "
        "Det gäller en kommun eller ett delområde i taget: den som jämför många rapporter hittar även slump.",
        most=limits["headline_maximum"],
        alpha=alpha,
    )
    text = f"{text} {say(LARGER_RISK)}"  # analysis/STUDY.md, "Where the defaults are weak"
    if settings["profile"] == "reference":
        text = say(
            "Alla mått prövas tillsammans så att högst %(alpha)s procent av markeringarna väntas vara falska "
            "(Benjamini och Hochberg).",
            alpha=alpha,
        )
    if settings["test_everywhere"]:
        return text
    untested = say(
        "Där färre än %(count)s effektiva svar är av det ena slaget i någon av mätningarna görs ingen "
        "prövning, och förändringen kan inte bli säkerställd.",
        count=_plain(limits["effective_count"]),
    )
    return f"{text} {untested}"


def _unchanged(limits: Mapping[str, Any]) -> str:
    return say(
        "Annars kallas den oförändrad om två prövningar, var och en på %(alpha)s procents nivå, visar att "
        "ökningen och minskningen är mindre än %(size)s. Det kan finnas en mindre förändring ändå. I alla "
        "andra fall går det inte att säga.",
        alpha=_percent(limits["alpha"]),
        size=_within(limits["equivalence_points"], limits["equivalence_relative"]),
    )


def _detectable(limits: Mapping[str, Any]) -> str:
    return say(
        "Den förändring som sägs kunna synas är den som en enda prövning hittar i %(power)s fall av 100. När "
        "många prövas behövs mer. Rapporten säger inte varför något har förändrats: det kan en enkät inte "
        "svara på.",
        power=_percent(limits["power"]),
    )


def _beside(limits: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        say(
            "Kommunen prövas mot hela regionen, där den själv är inräknad, mot andra kommuner av "
            "samma slag om de är minst tre, och varje delområde mot kommunen. "
            "Prövningen tar hänsyn till när den ena är en del av den andra, och kraven höjs på samma sätt "
            "som för förändringar. En andel kallas högre eller lägre bara om den klarar prövningen och "
            "skillnaden är minst %(points)s, eller %(relative)s procent av andelen i det som det jämförs med "
            "om det är mindre. Annars finns ingen säker skillnad, vilket inte betyder att andelarna är lika.",
            points=_points(limits["mark_points"]),
            relative=_percent(limits["mark_relative"]),
        ),
        say(
            "Två kommuner eller två delområden är inte prövade mot varandra. Att de har olika ord eller "
            "märken säger inte att de skiljer sig åt."
        ),
    )


def _shown(limits: Mapping[str, Any]) -> str:
    return say(
        "Ett tal visas när minst %(n)s personer har svarat på frågan, det effektiva antalet svar är minst "
        "%(n_eff)s och intervallet är smalare än %(width)s. Är det bredare än %(always)s får det inte heller "
        "vara bredare än %(relative)s procent av andelen. Tal som bygger på färre än %(small)s svar har en "
        "stjärna.",
        n=limits["minimum_n"],
        n_eff=_plain(limits["minimum_n_eff"]),
        width=_points(limits["width_limit"]),
        always=_points(limits["width_always_shown"]),
        relative=_percent(limits["relative_width_limit"]),
        small=limits["small_base_below"],
    )


def _sensitive(limits: Mapping[str, Any]) -> str:
    return say(
        "För känsliga frågor, som utsatthet för brott, visas inget tal där 1–%(few)s personer har svarat på "
        "ena sättet, så att ingen ska kännas igen. För alla i kommunen eller regionen är gränsen 1–%(all)s. "
        "En förändring visas bara när båda talen visas. Dolda tal skrivs med två punkter.",
        few=limits["hidden_persons"],
        all=limits["hidden_persons_municipality"],
    )


def _disclosure(kind: str, limits: Mapping[str, Any]) -> tuple[str, ...]:
    """What the manifest says of protection against working hidden figures out from shown ones."""
    if kind == PRIMARY_AND_SECONDARY:
        return (
            say(
                "Ibland döljs också ett tal som i sig kunde visas, för att ett annat dolt tal annars skulle "
                "kunna räknas fram genom att dra visade tal från varandra. Mellan det minsta och det största "
                "antal som det dolda talet kan stå för, när allt visat är känt, ska det vara minst %(width)s "
                "personer. En grupp med färre personer än så ska kunna ha svarat hur som helst, från ingen "
                "till alla.",
                width=limits["protection_width"],
            ),
        )
    return (say("Röjandekontroll enligt utgåvans underlag: %(kind)s.", kind=kind),) if kind else ()


def _at_least(points: float, relative: float) -> str:
    return say(
        "minst %(points)s, eller %(part)s om det är mindre", points=_points(points), part=_part(relative)
    )


def _within(points: float, relative: float) -> str:
    return say("%(points)s, eller %(part)s om det är mindre", points=_points(points), part=_part(relative))


def _part(relative: float) -> str:
    return say(
        "%(relative)s procent av andelen i mätningen innan (av resten upp till hundra när andelen är över "
        "hälften)",
        relative=_percent(relative),
    )


def _points(share: float) -> str:
    size = round(share * 100, 6)
    return f"{_plain(size)}{numbers.NBSP}{say('procentenhet' if size == 1 else 'procentenheter')}"


def _percent(share: float, decimals: int | None = None) -> str:
    size = round(share * 100, 6)
    return _plain(size if decimals is None else float(numbers.rounded(size, decimals)))


def _plain(value: float) -> str:
    """A setting without more decimals than it has: 5.0 as "5", 1.25 as "1,25"."""
    return numbers.decimal_sign(f"{value:g}")


def _bounds(pair: tuple[float, float]) -> str:
    return say("%(low)s–%(high)s gånger", low=_plain(pair[0]), high=_plain(pair[1]))
