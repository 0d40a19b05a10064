"""What the columns of the lists hold, where the tables for people have no word for them."""

from collections.abc import Mapping

from survey.publication.downloads.dictionary import TEXTS

OWN: Mapping[str, str] = {
    "title": "Rubrik",
    "version": "Resultatets utgåva",
    "synthetic": "Svaren är simulerade",
    "level": "area, municipality, district (lokalpolisområde), police_area, region eller nation",
    "place": "Platsens namn",
    "audience": "Vilka som får läsa: public, municipality eller police",
    "source": "Källa",
    "limits": "Vad serien inte kan säga",
    "read_on": "Dagen den lästes in",
    "table": "Den beställda tabellens nummer",
    "item": "Måttet eller frågan",
    "divided_by": "Variabler som tabellen är uppdelad efter",
    "limited_to": "Vilka tabellen gäller, som variabel=värde; tomt = alla",
    "approved_on": "Dagen den godkändes",
    "category": "Värde på den första variabeln; i en regression variabel=värde",
    "category_label": "Värdet i ord",
    "other_category": "Värde på den andra variabeln; i en regression reference för den grupp som jämförs med",
    "other_label": "Värdet i ord",
    "unit": "Enhet",
    "promise": "Löftets nummer",
    "language": "Språket som det är skrivet på",
    "problem": "Problemet, som kommun och polis har skrivit det",
    "focus_area": "Obligatoriskt område som löftet hör till",
    "owner": "Ansvarig",
    "agreed_on": "Dagen båda hade undertecknat",
    "due": "Tertialen då det följs upp",
    "due_on": "Tertialens sista dag",
    "goal": "Målet i en mening",
    "direction": "up eller down: det håll som är bra",
    "area": "Delområdets namn; tomt = hela kommunen",
    "target": "Målet: hela procent, eller ett tal med enhet",
    "baseline_wave": "Mätningen som löftet utgår från",
    "baseline_percent": "Andelen då, hela procent",
    "latest_wave": "Den senaste mätningen",
    "latest_percent": "Andelen då, hela procent",
    "result": "Det senaste talet ur en annan källa",
    "result_on": "Dagen det talet gäller",
    "status": "going_on, reached, not_reached eller cannot_tell",
    "status_word": "Samma sak i ord",
    "ground": "Varför det bedöms så",
    "said": "Vad som är känt, i ord",
    "beside": "Samma förändring på andra håll, i ord",
    "note_of": "Tertialen som anteckningen gäller",
    "note_status": "Hur arbetet går",
    "note": "Anteckning",
    "position": "Ordning",
    "text": "Text",
    "responsible": "Ansvarig",
    "event": "Händelsens nummer",
    "starts_on": "Första dagen",
    "ends_on": "Sista dagen",
    "series": "Seriens kod",
    "period_kind": "month, quarter, tertial eller year",
    "period": "Perioden, som 2026-03, 2026-K1, 2026-T1 eller 2026",
    "picture": "Lägesbildens nummer; den läses på /pictures/{number}",
    "signed_on": "Dagen den sista undertecknade",
    "replaced_by": "Numret på den som kom efter",
}


def text_of(name: str, resource: str) -> str:
    """A column in words; of the figures as the tables for people have it."""
    return {**TEXTS, **OWN, **OF_LIST.get(resource, {})}.get(name, "")


# The same name says another thing in these lists.
OF_LIST: Mapping[str, Mapping[str, str]] = {
    "table-rows": {
        "unit": "percent = hela procent, mean = medelvärde, odds_ratio = oddskvot",
        "value": "Värdet, i enheten som unit säger",
        "lower": "Osäkerhetsintervallets nedre gräns",
        "upper": "Osäkerhetsintervallets övre gräns",
    },
    "tables": {
        "kind": "table = andelar, regression = oddskvoter",
        "municipality_code": "Den enda kommun som tabellen gäller; tomt = flera",
    },
    "promises": {
        "kind": "survey = enkäten, series = annan källa, activity = något görs",
        "code": "Platsens kod",
    },
    "events": {
        "kind": "incident, police, measure, surroundings, media eller other",
        "code": "Platsens kod på nivån",
    },
    "series-values": {"code": "Platsens kod på nivån", "value": "Värdet", "note": "Varför värdet saknas"},
    "pictures": {"code": "Platsens kod på nivån"},
}
