"""What is said of a goal and its outcome, in the language spoken; never why something became as it did.

What is said to those who set a target is Swedish alone.
"""

from analysis.targets import Ground
from survey.followup.promises.assessment import Assessment, Detectability
from survey.followup.promises.series_values import Noted
from survey.models.promise import GoalKind, NoteStatus, PromiseVersion
from survey.publication import numbers, wording
from survey.publication.content import ChangeFigure
from survey.publication.followed import ChangeBeside, FollowedWave
from survey.publication.released import ALL
from survey.publication.speech import say
from survey.publication.wording import capital
from survey.questionnaire import indicators as library

STATUS_WORDS = {
    "going_on": "Pågår",
    "reached": "Målet är nått",
    "not_reached": "Målet är inte nått",
    "cannot_tell": "Går inte att säga",
}
ACTIVITY_WORDS = {"reached": "Gjort", "not_reached": "Inte gjort", "cannot_tell": "Inget besked"}
NOTE_WORDS = {
    NoteStatus.NOT_STARTED: "Inte påbörjat",
    NoteStatus.ON_PLAN: "Enligt plan",
    NoteStatus.DELAYED: "Försenat",
    NoteStatus.DONE: "Klart",
    NoteStatus.STOPPED: "Avbrutet",
}
RIGHT, WRONG = "på rätt sida om målet", "på fel sida om målet"
CHANGES = {  # by the released verdict
    "up": "Andelen har ökat med %(size)s %(since)s. Det är statistiskt säkerställt.",
    "down": "Andelen har minskat med %(size)s %(since)s. Det är statistiskt säkerställt.",
    "unchanged": "Andelen är i stort sett oförändrad %(since)s.",
}
UNKNOWN = "Om andelen har ändrats %(since)s går inte att säga."
THERE = {
    "up": "I %(against)s har andelen ökat med %(size)s.",
    "down": "I %(against)s har andelen minskat med %(size)s.",
    "unchanged": "I %(against)s är andelen i stort sett oförändrad.",
    "too_uncertain": "Om andelen i %(against)s har ändrats går inte att säga.",
}
HERE = {
    "above": "Här har andelen säkert utvecklats mer uppåt än i %(against)s.",
    "below": "Här har andelen säkert utvecklats mer nedåt än i %(against)s.",
}
NOT_APART = "Det går inte att säga om utvecklingen här skiljer sig från den i %(against)s."


def status_word(kind: str, status: str) -> str:
    """The outcome in two or three words."""
    return {**STATUS_WORDS, **(ACTIVITY_WORDS if kind == GoalKind.ACTIVITY else {})}[status]


def target_words(text: PromiseVersion) -> str:
    """ "högst 35 procent", or a figure with its unit."""
    if text.target is None:
        return ""
    share = wording.in_words(int(text.target)) if text.kind == GoalKind.SURVEY else ""
    most = "högst %(figure)s" if text.direction == "down" else "minst %(figure)s"
    return say(most, figure=share or figure_words(text.target, text.unit))


def figure_words(value: float, unit: str) -> str:
    """A figure of another source, with its unit."""
    decimals = 0 if float(value).is_integer() else 1 if round(value, 1) == value else 2
    return f"{numbers.number(value, decimals)}{numbers.NBSP}{unit}".strip()


def group_words(gender: str, age_group: str, area: str) -> str:
    """Among whom and in which area; empty for everybody in the municipality."""
    if not gender:
        return ""
    group = [wording.lower(say(wording.GENDERS.get(gender, gender)))] if gender != ALL else []
    if age_group != ALL:
        group.append(say("%(ages)s år", ages=age_group.replace("-", "–")))
    parts = [", ".join(group), area]
    return ", ".join(part for part in parts if part)


def goal_sentence(text: PromiseVersion, area: str, baseline: FollowedWave | None) -> str:
    """What is to be reached, and from where."""
    if text.kind == GoalKind.ACTIVITY:
        return say("Målet är nått när det utlovade är gjort.")
    if text.kind == GoalKind.SERIES:
        start = ""
        if text.baseline is not None:
            source = f" ({text.baseline_source})" if text.baseline_source else ""
            start = _start(f"{figure_words(text.baseline, text.unit)}{source}")
        return say("%(what)s ska vara %(target)s.", what=text.series, target=target_words(text)) + start
    measure = library.indicator(text.indicator)
    share = say(measure.share_phrase()) if measure else text.indicator
    group = group_words(text.gender, text.age_group, area)
    among = f" ({group})" if group else ""
    start = _start(level_words(baseline)) if baseline is not None else ""
    what = f"{capital(share)}{among}"
    return say("%(what)s ska vara %(target)s.", what=what, target=target_words(text)) + start


def _start(level: str) -> str:
    return f" {say('Utgångsläge: %(level)s.', level=level)}"


def level_words(wave: FollowedWave) -> str:
    """ "40 procent (36–44) i september 2019"."""
    month = numbers.month(wave.wave.field_start)
    if not wave.figure.shown:
        why = wave.figure.note or say(wording.HIDDEN_REASON)
        return say("visas inte i %(month)s (%(why)s)", month=month, why=why)
    share = f"{wording.in_words(wave.figure.value)} ({wave.figure.interval})"
    return say("%(share)s i %(month)s", share=share, month=month)


def outcome_sentences(text: PromiseVersion, found: Assessment) -> tuple[str, ...]:
    """What is known of the goal, and why no more can be said."""
    if text.kind == GoalKind.SURVEY:
        return _of_survey(found)
    if found.result is None:
        return (say(NOT_NOTED if text.kind == GoalKind.ACTIVITY else NO_FIGURE),)
    return (result_words(text, found.result), *_of_figure(text, found))


NOT_NOTED = "Ingen har noterat om det är gjort."
NO_FIGURE = "Ingen siffra är noterad efter utgångsläget."


def beside_sentences(found: Assessment) -> tuple[str, ...]:
    """The change here and elsewhere, and what the released comparison of the two says."""
    if not found.tested or found.latest is None:
        return ()
    return tuple(_beside(one) for one in found.latest.beside)


def detectable_sentences(seen: Detectability, text_direction: str) -> tuple[str, ...]:
    """Whether the next wave is likely to see the target, for whoever writes it."""
    first = (
        f"Förändringen fram till målet är stor nog för att oftast synas. {_seen_from(seen)}"
        if seen.enough
        else _too_small(seen)
    )
    if seen.certain_at is None:
        return first, OUT_OF_REACH
    way = "högre" if text_direction == "up" else "lägre"
    level = f"{seen.certain_at}{numbers.NBSP}procent eller {way}"
    return first, f"För att hela osäkerhetsintervallet ska ligga {RIGHT} behöver andelen bli omkring {level}."


def doubts(seen: Detectability) -> str:
    """Why a target is not likely ever to be certainly reached, and what to do; empty where it may be."""
    if seen.enough and seen.certain_at is not None:
        return ""
    if seen.certain_at is None:
        return f"{OUT_OF_REACH} {WAYS_BACK}"
    return f"{_too_small(seen)} {WAYS_ON}"


OUT_OF_REACH = "Målet ligger så nära gränsen att det inte kan bli säkert nått med så få svar."
WAYS_BACK = "Sätt ett mål längre från 0 och 100 procent, eller följ löftet med något som görs."
WAYS_ON = "Sätt målet längre bort, ge det flera mätningar eller följ löftet med något som görs."


def before_target(seen: Detectability) -> tuple[str, ...]:
    """What to know of the next wave before a target is set."""
    half = numbers.points_in_words(seen.half)
    return (
        f"Sätt målet så långt från utgångsläget att förändringen kan synas. {_seen_from(seen)}",
        f"Målet räknas som nått när hela osäkerhetsintervallet ligger {RIGHT}. "
        f"Det når omkring {half} åt varje håll.",
    )


def _too_small(seen: Detectability) -> str:
    return f"Nästa mätning kan troligen inte visa en så liten förändring. {_seen_from(seen)}"


def _seen_from(seen: Detectability) -> str:
    size = numbers.points_in_words(seen.smallest)
    return f"Den minsta förändring som oftast syns i en mätning så stor som den senaste är omkring {size}."


def _of_survey(found: Assessment) -> tuple[str, ...]:
    ground = found.judgement.ground
    if ground is Ground.NOT_YET or found.latest is None or found.baseline is None:
        return (say("Det finns ingen släppt mätning efter utgångsläget att bedöma målet med."),)
    month = numbers.month(found.latest.wave.field_start)
    since = say("sedan %(month)s", month=numbers.month(found.baseline.wave.field_start))
    if ground is Ground.ABSENT:
        return (say("Området eller gruppen fanns inte med i mätningen i %(month)s.", month=month),)
    if ground is Ground.HIDDEN:
        return (say("Andelen %(hidden)s.", hidden=level_words(found.latest)),)
    level = say("Andelen var %(level)s.", level=level_words(found.latest))
    if ground is Ground.NOT_COMPARABLE:
        changed = "Frågan, måttet eller metoden har ändrats %(since)s, så talen jämförs inte."
        return level, say(changed, since=since)
    return level, *_grounds(ground, found, since)


def _grounds(ground: Ground, found: Assessment, since: str) -> tuple[str, ...]:
    change = _change_words(found, since)
    if ground is Ground.COVERED:
        covered = "Målet ligger inom osäkerhetsintervallet, så det går inte att säga om det är nått."
        return say(covered), change
    if ground is Ground.OPPOSITE:
        return (change,)
    if ground is Ground.UNCHANGED_OR_UNKNOWN:
        doubt = "Hela osäkerhetsintervallet ligger %(side)s, men förändringen är inte säkerställd."
        return say(doubt, side=say(RIGHT)), change
    side = say(RIGHT if ground is Ground.BEYOND else WRONG)
    return say("Hela osäkerhetsintervallet ligger %(side)s.", side=side), change


def _change_words(found: Assessment, since: str) -> str:
    """The verdict of the change since the baseline, in its own words."""
    change: ChangeFigure | None = found.latest.change if found.latest and found.tested else None
    if change is None:
        untested = "Förändringen %(since)s är inte prövad: mätningen är inte jämförd med just den."
        return say(untested, since=since)
    size = numbers.points_in_words(change.value or 0.0)
    return say(CHANGES.get(change.verdict, UNKNOWN), size=size, since=since)


def _beside(one: ChangeBeside) -> str:
    against = say(one.against)
    size = numbers.points_in_words(one.change.value or 0.0)
    there = [say(said, against=against, size=size)] if (said := THERE.get(one.change.verdict)) else []
    return " ".join((*there, say(HERE.get(one.verdict, NOT_APART), against=against)))


def result_words(text: PromiseVersion, result: Noted) -> str:
    """A figure, or that something is done or not, with its day and who says so."""
    day = numbers.day(result.on_day)
    if text.kind == GoalKind.ACTIVITY:
        done = (
            "Gjort %(day)s, enligt %(source)s." if result.done else "Inte gjort %(day)s, enligt %(source)s."
        )
        return say(done, day=day, source=result.source)
    figure = capital(figure_words(result.value or 0.0, text.unit))
    return say("%(figure)s %(day)s, enligt %(source)s.", figure=figure, day=day, source=result.source)


def _of_figure(text: PromiseVersion, found: Assessment) -> tuple[str, ...]:
    if text.kind != GoalKind.SERIES:
        return ()
    side = say(RIGHT if found.judgement.ground is Ground.BEYOND else WRONG)
    return (say("Talet ligger %(side)s. Hur osäkert det är är inte känt.", side=side),)
