"""What an event of the log was about and what it carries, in the words of the page that shows it."""

import json

from survey.collection.forgetting import ACT_WORDS, COUNT_WORDS
from survey.collection.usual_mailings import USUAL
from survey.preparation.accounts import ROLE_WORDS
from survey.preparation.plan_checks import RULE_WORDS

DETAIL_WORDS = {
    "accepted": "är med",
    "address": "adress",
    "after": "efter",
    "age_max": "högsta ålder",
    "age_min": "lägsta ålder",
    "allocation": "fördelning",
    "allocation_sha256": "fördelningens kontrollsumma",
    "analyst": "analytiker",
    "answer_removed": "svaret togs bort",
    "answer_until": "svar senast",
    "answered": "har redan svarat",
    "answers": "svar",
    "area_code": "delområde",
    "area_factors": "delområden som får fler",
    "areas": "delområden",
    "areas_added": "nya delområden",
    "asked_by": "begärt av",
    "based_on": "bygger på omgången",
    "batch": "fil nummer",
    "because": "skäl",
    "before": "före",
    "begun": "nya",
    "borders": "gränser",
    "broken": "frågor som inte jämförs",
    "bytes": "byte",
    "card": "kort, kronor",
    "changed": "ändrat",
    "changes": "förändringar",
    "choice": "val",
    "code": "kod",
    "comparable": "jämförbara frågor",
    "comparisons": "jämförelser",
    "contacts_until": "namn och adresser till",
    "covered": "kommuner som täcks",
    "day": "dag",
    "days": "dagar",
    "decision": "beslut",
    "deviations": "avvikelser",
    "diagnostics": "om svar och vikter",
    "districts": "lokalpolisområden",
    "elsewhere": "personer i andra kommuner",
    "email": "e-postadress",
    "ended": "upphörda",
    "estimates": "skattningar",
    "event": "händelse",
    "expected_rate": "väntad svarsfrekvens",
    "expires_on": "sista dag",
    "failed": "misslyckade",
    "faults": "fel",
    "field_end": "sista svarsdag",
    "field_start": "första svarsdag",
    "figures": "tal",
    "file": "fil",
    "files": "filer",
    "floor": "minst i ett delområde",
    "form": "brev med formulär, kronor",
    "frame_removed": "urvalsramen togs bort",
    "hash": "kontrollsumma",
    "invited": "inbjudna",
    "is_open": "öppen",
    "issued_on": "utskrivet",
    "item_nonresponse": "bortfall i frågor",
    "job": "uppdrag",
    "kind": "slag",
    "known": "var redan antecknade",
    "last": "sista påminnelsen, kronor",
    "left": "kvar",
    "left_out": "utelämnade",
    "letter": "brev, kronor",
    "letters": "brev",
    "links_until": "koppling till",
    "missing": "saknas",
    "municipalities": "kommuner",
    "municipality": "kommun",
    "name": "namn",
    "not_contacted": "vill aldrig bli kontaktade",
    "number": "nummer",
    "off_path": "svar på frågor som inte skulle ställas",
    "opens": "öppnas",
    "other_wave": "hör till en annan omgång",
    "overlaps": "väntat överlapp",
    "pages": "sidor",
    "paper_answer": "svar på papper, kronor",
    "paper_share": "andel på papper",
    "part": "del",
    "persons": "personer",
    "phone": "telefon",
    "picture": "lägesbild",
    "place": "plats",
    "police": "lokalpolis",
    "population": "folkmängd",
    "population_date": "folkmängd den",
    "proposed": "föreslagna",
    "protected": "med skyddade uppgifter",
    "public": "alla",
    "quality": "kvalitet",
    "question": "fråga",
    "questionnaire": "frågeformulär",
    "questionnaire_hash": "frågeformulärets kontrollsumma",
    "reason": "skäl",
    "recorded": "antecknade",
    "register": "registerfilens kontrollsumma",
    "repeated": "upprepade rader",
    "response_rates": "svarsfrekvenser",
    "role": "roll",
    "rows": "rader",
    "rule": "fördelning",
    "sample_per_area": "antal per delområde",
    "sampled": "dragna",
    "scope": "öppnar",
    "seed": "slumpfrö",
    "sha256": "kontrollsumma",
    "share": "andel",
    "shared": "delad",
    "side": "part",
    "small_areas": "små delområden",
    "source": "källa",
    "started": "påbörjade",
    "state": "läge",
    "status": "läge",
    "submitted": "inlämnade",
    "suppressed": "dolda",
    "synthetic": "simulerad",
    "tertial": "tertial",
    "testable": "tal med känd osäkerhet",
    "text": "text",
    "texts_until": "svar med egna ord till",
    "title": "titel",
    "to": "till",
    "totals": "folkmängd",
    "unknown_areas": "okända delområden",
    "unused_files": "filer som inte användes",
    "valid_from": "gäller från",
    "values": "värden",
    "version": "version",
    "wave": "omgång",
    "wave_code": "omgång",
    "waves": "omgångar",
    "withdrawn": "återtagna",
    "without_address": "utan adress",
    "written": "skrivna",
    "young_factor": "de unga, gånger tätare",
    "young_until": "de unga, högsta ålder",
}
# The same name for other things: both acts count the register's persons, and one the official population.
DETAIL_WORDS_OF = {
    "draw sample": {"population": "i urvalsramen"},
    **{
        f"carry out deletion of {act}": {name: words.lower() for name, words in COUNT_WORDS.items()}
        for act in ACT_WORDS
    },
    "load frame": {"persons": "i urvalsramen", "population": "folkmängd enligt statistiken"},
}
VALUE_WORDS: dict[str, str] = {
    "left out": "skickas inte",
    "newest": "de senaste händelserna",
    "unknown account": "okänt konto",
    "kept": "behålls",
    "proposed": "föreslagen",
    "applied": "införd",
    "refused": "avslagen",
    **{kind.value: usual.words.lower() for kind, usual in USUAL.items()},
    **{role.value: words.lower() for role, words in ROLE_WORDS.items()},
    **{str(rule): words.lower() for rule, words in RULE_WORDS.items()},
}


def details(stored: str, action: str = "") -> list[str]:
    """What an event carries, a line for each; what is empty is left out."""
    carried: dict[str, object] = json.loads(stored)
    words = DETAIL_WORDS_OF.get(action, {})
    return [
        f"{words.get(name) or _word(name)}: {_said(value)}"
        for name, value in carried.items()
        if not _is_empty(value)
    ]


def subject_words(subject: str) -> str:
    """What an event was about, kinds and codes of the program in words."""
    if subject in VALUE_WORDS:
        return VALUE_WORDS[subject]
    older = subject.removeprefix("before ")
    if older != subject:
        return f"händelser före nummer {older}"
    return " ".join(VALUE_WORDS.get(part, part) for part in subject.split(" "))


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_word(name)} {_said(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(DETAIL_WORDS.get(str(one)) or _said(one) for one in value)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return "–" if value is None else VALUE_WORDS.get(str(value), str(value))


def _word(name: str) -> str:
    return DETAIL_WORDS.get(name, name.replace("_", " "))


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}
