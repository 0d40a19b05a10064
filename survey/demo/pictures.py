"""Two situation pictures of one municipality: last time's, signed by both, and a draft of this one."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from survey import clock
from survey.demo.scenario import OPEN_MUNICIPALITY, DemoWave
from survey.demo.stage import BY, Stage
from survey.followup import places
from survey.followup.pictures import draft_form, drafts, signing
from survey.followup.pictures.content import NOTE
from survey.followup.pictures.draft_form import Given
from survey.followup.pictures.drafts import ANALYSIS, FOLLOW_UP, LEFT_OUT, MAPPING, PLAN
from survey.followup.pictures.records import PictureRecord
from survey.followup.places import Level, Place
from survey.models.source import SourceAudience

INVENTED = "Påhittad text i demonstrationen."
FIRST: Mapping[str, str] = {
    MAPPING: f"{INVENTED} Kommunen och polisen har gått igenom enkäten och egna iakttagelser.",
    ANALYSIS: f"{INVENTED} Vår bedömning är att mörka gångvägar och snabba bilar behöver ses över först.",
    PLAN: f"{INVENTED} Belysning längs två gångvägar. Hastighetskontroller vid skolan.",
    FOLLOW_UP: f"{INVENTED} Avstämning efter varje tertial och i nästa enkät.",
}
SECOND: Mapping[str, str] = {
    **FIRST,
    ANALYSIS: f"{INVENTED} Vår bedömning är att snabba bilar och störande mopeder behöver ses över först.",
    LEFT_OUT: f"{INVENTED} Felanmälningar används inte: de räknas på olika sätt från år till år.",
}
TO_POLICE = f"{INVENTED} Ta upp mopederna på nästa möte med skolan."


def write_pictures(stage: Stage, waves: Sequence[DemoWave]) -> None:
    """Of the last two waves that the municipality took part in."""
    before, last = [wave for wave in waves if OPEN_MUNICIPALITY in wave.municipalities][-2:]
    with stage.databases.transaction() as session:
        place = places.place(session, Level.MUNICIPALITY, OPEN_MUNICIPALITY, last.field_start)
        signed = _write(session, place, before.code, FIRST)
        picture = signing.as_signed(session, place, signed, clock.now())
        stands = signing.shared_fingerprint(picture, place.level)
        for side in (OPEN_MUNICIPALITY, signing.POLICE):
            signing.sign(session, place, signed, side, stands, BY, clock.now())
        draft = _write(session, place, last.code, SECOND)
        _keep(session, place, draft, Given(NOTE, TO_POLICE, SourceAudience.POLICE.value, 0))
    stage.console.say(
        f"Lägesbilder för {place.name}: en undertecknad ({before.code}) och ett utkast ({last.code})."
    )


def _write(session: Session, place: Place, wave_code: str, texts: Mapping[str, str]) -> PictureRecord:
    reader = signing.signing_reader(place.level, clock.now())
    begun = drafts.begin(session, place, wave_code, reader, BY, clock.now())
    shared = SourceAudience.MUNICIPALITY.value
    _keep(session, place, begun, *(Given(part, text, shared, 0) for part, text in texts.items()))
    return begun


def _keep(session: Session, place: Place, picture: PictureRecord, *given: Given) -> None:
    draft_form.write_texts(session, place, picture.id, given, BY, clock.now(), SourceAudience.POLICE)
