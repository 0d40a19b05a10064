"""What was done, in the words of the page that shows the log; the log itself keeps the code's words."""

import json

from survey.collection.forgetting import ACT_WORDS
from survey.collection.help_desk import RECORDED
from survey.collection.manifest import REQUESTED
from survey.collection.usual_mailings import USUAL
from survey.preparation.jobs import KIND_WORDS

ACTION_WORDS = {
    # accounts and doors
    "invite account": "bjöd in ett konto",
    "activate account": "valde lösenord till ett inbjudet konto",
    "close account": "stängde ett konto",
    "change password": "bytte lösenord",
    "create api token": "skapade en nyckel till api:t",
    "withdraw api token": "drog in en nyckel till api:t",
    "set second factor": "kopplade en app för engångskoder",
    "give second factor": "gav rätt engångskod",
    "failed second factor": "gav fel engångskod",
    "use recovery code": "använde en reservkod",
    "log in": "loggade in",
    "failed login": "misslyckad inloggning",
    "refused": "nekades en sida",
    "read the audit log": "läste loggen",
    "download": "hämtade en fil",
    # what every wave builds on
    "load municipalities": "läste in kommuner",
    "load areas": "läste in delområden",
    "load districts": "läste in lokalpolisområden",
    "load borders": "läste in gränser",
    "load population": "läste in befolkningen",
    "import series": "läste in en tidigare serie",
    "import wave": "importerade en mätning",
    # what stands beside the survey
    "check source file": "lämnade en fil från en annan källa",
    "read source file": "läste in en fil från en annan källa",
    "discard source file": "tog bort en fil från en annan källa",
    "write event": "skrev en händelse",
    "withdraw event": "tog bort en händelse",
    # the wave and those who take part
    "create wave": "skapade omgången",
    "change wave": "ändrade omgången",
    "invite municipalities": "bjöd in kommuner",
    "participation": "noterade kommunens svar",
    "areas": "lämnade besked om delområden",
    "re-cut areas": "införde en ny indelning i delområden",
    "hand in borders": "lämnade gränser för delområden",
    "extra sample": "beställde extra urval",
    "local questions": "valde egna frågor",
    "contact person": "lämnade kontaktperson",
    "letter sender": "lämnade avsändare",
    "letter logo": "ändrade logotypen i brevet",
    "joint responsibility": "bekräftade överenskommelsen om personuppgifter",
    "allow incomplete": "lät omgången gå vidare fast något saknas",
    # sample and letters
    "upload register file": "lämnade registerfilen",
    "delete register file": "tog bort registerfilen",
    "load frame": "läste in urvalsramen",
    "sampling plan": "ändrade urvalsplanen",
    "mailing prices": "ändrade priserna för utskicken",
    "draw sample": "drog urvalet",
    "open wave": "öppnade omgången för svar",
    "plan mailing": "ändrade ett utskick",
    "mail off plan": "lät ett utskick gå en annan dag än kalendern säger",
    "fetch letters": "hämtade brev att trycka",
    "record returns": "noterade brev i retur",
    "open link": "ändrade den öppna länken",
    # fieldwork
    "look up case": "sökte ett ärende",
    "read out a code": "gav en ny kod i telefon",
    "change address": "skrev en ny adress",
    "record do not contact": "antecknade: vill aldrig bli kontaktad",
    "undo do not contact": "tog bort någon från listan: vill aldrig bli kontaktad",
    "show own data": "tog fram allt om en person på dess begäran",
    "withdraw": "en person tog tillbaka sitt svar",
    "receive a paper form": "tog emot ett pappersformulär",
    "hand in a paper form": "lämnade in ett inmatat pappersformulär",
    "screen a text": "granskade ett svar med egna ord",
    "keep field days": "sparade dagens antal",
    "close wave": "stängde omgången",
    "void wave": "makulerade omgången",
    # results
    "process wave": "beräknade resultatet",
    "ask for release": "bad om godkännande att släppa resultatet",
    "release wave": "släppte resultatet",
    "change embargo": "ändrade när resultatet öppnas",
    "note in report": "ändrade en kommentar i rapporten",
    "write reports": "skrev rapporterna",
    "write downloads": "skrev filerna att hämta",
    "ask for table": "beställde en tabell",
    "compute table": "räknade en beställd tabell",
    "approve table": "godkände en beställd tabell",
    "refuse table": "avslog en beställd tabell",
    "save view": "sparade en vy på analysbänken",
    "delete view": "tog bort en vy från analysbänken",
    "export microdata": "tog ut mikrodata",
    # situation pictures
    "begin picture": "började ett utkast till lägesbild",
    "write in picture": "skrev i en lägesbild",
    "sign picture": "undertecknade en lägesbild",
    "freeze picture": "låste en undertecknad lägesbild",
    # promises
    "write promise": "skrev ett löfte",
    "promise step sign_municipality": "undertecknade ett löfte för kommunen",
    "promise step sign_police": "undertecknade ett löfte för polisen",
    "promise step publish": "publicerade ett löfte",
    "promise step withdraw": "drog tillbaka ett löfte",
    "note on promise": "skrev hur det går med ett löfte",
    "note result of promise": "noterade utfallet av ett löfte",
    "add focus area": "lade till ett obligatoriskt område",
    "withdraw focus area": "tog bort ett obligatoriskt område",
    # one of several kinds each
    **{f"ask to {kind}": f"beställde: {words[:1].lower()}{words[1:]}" for kind, words in KIND_WORDS.items()},
    **{f"print {kind}": f"skrev ut: {usual.words.lower()}" for kind, usual in USUAL.items()},
    f"print {REQUESTED}": "skrev ut ett beställt formulär",
    **{f"record {kind}": f"antecknade: {words[:1].lower()}{words[1:]}" for kind, words in RECORDED.items()},
    **{f"undo {kind}": f"tog bort: {words[:1].lower()}{words[1:]}" for kind, words in RECORDED.items()},
    **{f"request deletion of {act}": f"begärde gallring av {words}" for act, words in ACT_WORDS.items()},
    **{f"carry out deletion of {act}": f"gallrade {words}" for act, words in ACT_WORDS.items()},
}

DETAIL_WORDS = {
    "accepted": "är med",
    "address": "adress",
    "after": "efter",
    "age_max": "högsta ålder",
    "age_min": "lägsta ålder",
    "allocation": "fördelning",
    "answer_until": "svar senast",
    "areas": "delområden",
    "before": "före",
    "borders": "gränser",
    "bytes": "byte",
    "changed": "ändrat",
    "code": "kod",
    "contacts_until": "namn och adresser till",
    "day": "dag",
    "days": "dagar",
    "decision": "beslut",
    "email": "e-postadress",
    "event": "händelse",
    "failed": "misslyckade",
    "field_end": "sista svarsdag",
    "field_start": "första svarsdag",
    "file": "fil",
    "files": "filer",
    "hash": "kontrollsumma",
    "invited": "inbjudna",
    "job": "uppdrag",
    "kind": "slag",
    "letters": "brev",
    "links_until": "koppling till",
    "municipalities": "kommuner",
    "municipality": "kommun",
    "name": "namn",
    "number": "nummer",
    "opens": "öppnas",
    "persons": "personer",
    "part": "del",
    "phone": "telefon",
    "picture": "lägesbild",
    "place": "plats",
    "police": "lokalpolis",
    "population": "folkmängd",
    "population_date": "folkmängd den",
    "protected": "med skyddade uppgifter",
    "public": "alla",
    "question": "fråga",
    "reason": "skäl",
    "role": "roll",
    "rows": "rader",
    "sampled": "dragna",
    "seed": "slumpfrö",
    "side": "part",
    "shared": "delad",
    "started": "påbörjade",
    "state": "läge",
    "submitted": "inlämnade",
    "status": "läge",
    "synthetic": "simulerad",
    "tertial": "tertial",
    "version": "version",
    "texts_until": "svar med egna ord till",
    "withdrawn": "återtagna",
    "written": "skrivna",
}


def details(stored: str) -> list[str]:
    """What an event carries, a line for each; what is empty is left out."""
    carried: dict[str, object] = json.loads(stored)
    return [f"{_word(name)}: {_said(value)}" for name, value in carried.items() if not _is_empty(value)]


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_word(name)} {_said(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(DETAIL_WORDS.get(str(one)) or _said(one) for one in value)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return "–" if value is None else str(value)


def _word(name: str) -> str:
    return DETAIL_WORDS.get(name, name.replace("_", " "))


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}
