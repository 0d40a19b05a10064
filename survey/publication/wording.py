"""Sentences by rule: the verdict column chooses the words, never an interval, never a template."""

from collections.abc import Sequence
from datetime import date

from analysis.keys import TOTAL
from survey.publication import numbers
from survey.publication.content import ChangeFigure, Figure, GroupFigures
from survey.publication.released import Wave
from survey.publication.speech import say
from survey.questionnaire.indicators import Indicator

MARKS = {"up": "▲", "down": "▼"}
SHORT = {"unchanged": "oförändrat", "too_uncertain": "osäkert", "not_comparable": "jämförs inte"}
YEARLY_MONTHS = (9, 15)
ISLANDS = frozenset({"Ekerö", "Gotland", "Lidingö", "Orust", "Tjörn", "Värmdö", "Öckerö"})
BREAK = "break"
REASONS = {
    "small_base": "få svar: tolka med försiktighet",
    "no_answers": "inga svar",
    "few_answers": "för få svar",
    "protected": "för få personer, för att ingen ska kunna kännas igen",
    "few_effective": "för osäkert",
    "wide_interval": "för osäkert",
    "previous_suppressed": "resultatet från mätningen innan visas inte",
    "other_municipalities": "andra kommuner eller delområden än i mätningen innan",
    "common_municipalities": "gäller de kommuner som var med båda gångerna",
    BREAK: "frågan eller måttet har ändrats",
    "published": "som publicerat, inte räknat här",
    "published_only": "osäkerheten i det tidigare talet är inte känd, så förändringen är inte prövad",
    "bridged": "tidigare resultat är omräknat för att frågan eller metoden har ändrats",
}
QUALITY_REASONS = {  # of the quality declaration alone
    "few_persons": "för få personer",
    "asked_of_some": "frågan ställdes bara till några",
    "no_variation": "alla eller ingen svarade",
}
WHOLES = {
    "municipality": "i kommunen som helhet",
    "area": "i delområdet som helhet",
    "all": "i regionen som helhet",
}
CLEAR_OF_ZERO = (
    "Intervallet ligger på ena sidan om noll, men det räcker inte: hänsyn är tagen till att många "
    "förändringar prövas samtidigt och till att förändringen ska vara stor nog att betyda något."
)
CERTAIN_WHEN = (
    "En förändring är säkerställd först när hänsyn är tagen till att många prövas samtidigt och till "
    "att den är stor nog att betyda något; därför kan en linje ligga helt på ena sidan om noll utan att "
    "förändringen är säkerställd."
)
NO_COMPARISON = "Nivåer utan jämförelse bakåt"
ONE_WAY = {
    "up": ("%(count)s andel har ökat", "%(count)s andelar har ökat"),
    "down": ("%(count)s andel har minskat", "%(count)s andelar har minskat"),
}
HIDDEN_REASON = "för få har svarat, eller så är siffran för osäker"
SEXES = {"woman": "Kvinnor", "man": "Män"}
GENDERS = {**SEXES, "other": "Annat kön", "undisclosed": "Kön inte angivet"}
EVERYBODY = "Alla"
COUNTS = ("Ingen", "En", "Två", "Tre", "Fyra", "Fem", "Sex", "Sju", "Åtta", "Nio", "Tio", "Elva", "Tolv")


def place(name: str) -> str:
    """ "i Nacka", "på Gotland"."""
    return say("på %(name)s" if name in ISLANDS else "i %(name)s", name=name)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def reason(code: str) -> str:
    """Why a figure is hidden, in the reader's words; empty for a figure that is not."""
    return say({**REASONS, **QUALITY_REASONS}.get(code, HIDDEN_REASON))


def group(gender: str, age_group: str) -> str:
    """Who a row is about: "Kvinnor, 16–29 år", or "Alla"."""
    parts = [GENDERS.get(gender, gender)] if gender != TOTAL else []
    parts += [f"{age_group} år".replace("-", "–")] if age_group != TOTAL else []
    return ", ".join(parts) or EVERYBODY


def is_yearly(start: date, previous_start: date) -> bool:
    """Whether the fieldwork of two waves started 9 to 15 months apart."""
    first, last = (_add_months(previous_start, months) for months in YEARLY_MONTHS)
    return first <= start <= last


def since(wave: Wave, previous: Wave) -> str:
    """ "sedan året innan" when the waves are a year apart, else "sedan september 2018"."""
    if is_yearly(wave.field_start, previous.field_start):
        return say("sedan året innan")
    return say("sedan %(month)s", month=numbers.month(previous.field_start))


def level_sentence(indicator: Indicator, where: str, now: Figure) -> str:
    """How large the share is, with its interval."""
    if now.value is None:
        return say(
            "%(measure)s: resultatet visas inte (%(why)s).", measure=say(indicator.label), why=now.note
        )
    if not indicator.verb:  # a municipality's own question has a name, and no words to build a sentence of
        return f"{indicator.label}: {in_words(now.value)} ({now.interval})."
    sentence = say(indicator.sentence("%(place)s", "%(share)s"), place=where, share=in_words(now.value))
    return f"{capital(sentence)[:-1]} ({now.interval})."


def change_sentence(indicator: Indicator, figures: GroupFigures, wave: Wave, previous: Wave | None) -> str:
    """What can be said of the change between two waves; always names both."""
    if previous is None:
        return say("Det finns ingen tidigare mätning att jämföra med.")
    change = figures.change
    share = say(indicator.share_phrase())
    now_name, before_name = numbers.month(wave.field_start), numbers.month(previous.field_start)
    if change.certain:
        return _certain_change(share, figures, wave, previous)
    if change.verdict == "unchanged":
        levels = _levels(figures, now_name, before_name)
        return say(
            "%(share)s är i stort sett oförändrad %(since)s: %(levels)s.",
            share=capital(share),
            since=since(wave, previous),
            levels=levels,
        )
    if change.verdict == "too_uncertain":
        return _unknown_change(share, change, now_name, before_name)
    if change.verdict == "not_comparable":
        return say(
            "%(share)s jämförs inte mellan %(before)s och %(now)s: %(why)s.",
            share=capital(share),
            before=before_name,
            now=now_name,
            why=reason(BREAK),
        )
    return say(
        "Förändringen mellan %(before)s och %(now)s visas inte (%(why)s).",
        before=before_name,
        now=now_name,
        why=change.note or say(HIDDEN_REASON),
    )


def short_change(indicator: Indicator, change: ChangeFigure) -> str:
    """A certain change as an entry of a list: "Narkotika utomhus: ▲ +4 procentenheter"."""
    value = change.value or 0.0
    unit = numbers.points_in_words(value).split(numbers.NBSP, 1)[1]
    return f"{say(indicator.label)}: {change.mark}{numbers.NBSP}{numbers.signed(value)}{numbers.NBSP}{unit}"


def changes_heading(changes: Sequence[tuple[str, ChangeFigure]], whole: str = "") -> str:
    """What is certain among some changes, in ten words or fewer.

    `whole` is one of WHOLES where the changes are of a place's totals: that none of them is certain
    says nothing of its areas and groups.
    """
    rising = [label for label, change in changes if change.verdict == "up"]
    falling = [label for label, change in changes if change.verdict == "down"]
    if not rising and not falling:
        if any(change.verdict in ("unchanged", "too_uncertain") for _, change in changes):
            return f"{say('Inga säkerställda förändringar')} {say(whole)}".strip()
        return say("Förändringarna kan inte visas") if any(change.text for _, change in changes) else ""
    if len(rising) + len(falling) == 1:
        told = "%(measure)s: andelen har ökat" if rising else "%(measure)s: andelen har minskat"
        return say(told, measure=(rising + falling)[0])
    if rising and falling:
        return capital(_both_ways(len(rising), len(falling)))
    one, several = ONE_WAY["up" if rising else "down"]
    count = len(rising) or len(falling)
    return capital(say(one if count == 1 else several, count=_number_word(count)))


def _both_ways(rising: int, falling: int) -> str:
    first = "%(count)s andel har ökat" if rising == 1 else "%(count)s andelar har ökat"
    last = say("%(count)s har minskat", count=_number_word(falling))
    return f"{say(first, count=_number_word(rising))}, {last}"


def verdict_counts(changes: Sequence[ChangeFigure], waves: tuple[str, str], whole: str) -> str:
    """How many changes of a place's totals are certain, unchanged and unknown; `whole` is one of WHOLES."""
    certain = sum(change.certain for change in changes)
    unchanged = sum(change.verdict == "unchanged" for change in changes)
    unknown = sum(change.verdict == "too_uncertain" for change in changes)
    compared = certain + unchanged + unknown
    between = {"before": waves[0], "now": waves[1], "where": say(whole)}
    if not compared:
        return say("Inga förändringar %(where)s mellan %(before)s och %(now)s kan visas.", **between)
    same = "%(count)s är oförändrat" if unchanged == 1 else "%(count)s är oförändrade"
    rest = [say(same, count=unchanged)] if unchanged else []
    rest += [say("för %(count)s går det inte att säga", count=unknown)] if unknown else []
    if not certain:
        nothing = say(
            "Ingen förändring %(where)s mellan %(before)s och %(now)s är statistiskt säkerställd.", **between
        )
        return f"{nothing} {_nothing_certain(unchanged, unknown, rest)}"
    word = "är %(count)s statistiskt säkerställt förändrat"
    if certain > 1:
        word = "är %(count)s statistiskt säkerställt förändrade"
    return say(
        "Av %(compared)s mått som jämförs %(where)s mellan %(before)s och %(now)s %(parts)s.",
        compared=compared,
        parts=enumeration([say(word, count=certain), *rest]),
        **between,
    )


def _nothing_certain(unchanged: int, unknown: int, rest: Sequence[str]) -> str:
    if unchanged:
        return say(
            "Av %(compared)s jämförda mått: %(parts)s.", compared=unchanged + unknown, parts=enumeration(rest)
        )
    if unknown == 1:
        return say("För det enda mått som jämförs går det inte att säga om något har ändrats.")
    return say(
        "För alla %(count)s mått som jämförs går det inte att säga om något har ändrats.", count=unknown
    )


def unknown_heading(changes: Sequence[ChangeFigure], whole: str) -> str:
    """How many of the changes of a place's totals nothing can be said of; `whole` is one of WHOLES."""
    compared = sum(change.certain or change.verdict in ("unchanged", "too_uncertain") for change in changes)
    unknown = sum(change.verdict == "too_uncertain" for change in changes)
    if not compared:
        return say("Förändringarna kan inte visas")
    if not unknown:
        return say("Om alla jämförda mått går det att säga något")
    return say(
        "För %(count)s av %(all)s mått går det inte att säga om något har ändrats %(where)s",
        count=unknown,
        all=compared,
        where=say(whole),
    )


def detectable_sentence(sizes: Sequence[float]) -> str:
    """Which size of change the survey can see at best, over the middle eight tenths of the measures."""
    if not sizes:
        return ""
    ordered = sorted(sizes)
    low, high = ordered[len(ordered) // 10], ordered[(9 * (len(ordered) - 1)) // 10]
    size = numbers.points_in_words(high)
    if numbers.signed(low) != numbers.signed(high):
        size = say("%(low)s till %(high)s", low=numbers.signed(low)[1:], high=size).replace(" ", numbers.NBSP)
    return say(
        "För de flesta mått måste en förändring vara minst omkring %(size)s för att oftast synas.", size=size
    )


def _certain_change(share: str, figures: GroupFigures, wave: Wave, previous: Wave) -> str:
    change = figures.change
    verb = say("ökat" if change.verdict == "up" else "minskat")
    now_name, before_name = numbers.month(wave.field_start), numbers.month(previous.field_start)
    size = numbers.points_in_words(change.value or 0.0)
    size += f" ({numbers.size_span(change.lower or 0.0, change.upper or 0.0)})"
    if not (figures.now.shown and figures.before.shown):
        return say(
            "%(share)s har %(verb)s med %(size)s mellan %(before)s och %(now)s.",
            share=capital(share),
            verb=verb,
            size=size,
            before=before_name,
            now=now_name,
        )
    return say(
        "%(since)s har %(share)s %(verb)s med %(size)s: från %(low)s i %(before)s till %(high)s i %(now)s.",
        since=capital(since(wave, previous)),
        share=share,
        verb=verb,
        size=size,
        low=in_words(figures.before.value),
        before=before_name,
        high=in_words(figures.now.value),
        now=now_name,
    )


def _unknown_change(share: str, change: ChangeFigure, now_name: str, before_name: str) -> str:
    told = say(
        "Om %(share)s har ändrats mellan %(before)s och %(now)s går inte att säga.",
        share=share,
        before=before_name,
        now=now_name,
    )
    if change.clear_of_zero:
        told = f"{told} {say(CLEAR_OF_ZERO)}"
    if not change.detectable:
        return told
    seen = say(
        "En förändring måste vara minst omkring %(size)s för att oftast synas.", size=change.detectable
    )
    return f"{told} {seen}"


def _levels(figures: GroupFigures, now_name: str, before_name: str) -> str:
    return say(
        "%(low)s i %(before)s och %(high)s i %(now)s",
        low=in_words(figures.before.value),
        before=before_name,
        high=in_words(figures.now.value),
        now=now_name,
    )


def in_words(value: int | None) -> str:
    """ "37 procent"."""
    return f"{value}{numbers.NBSP}{say('procent')}"


def _number_word(count: int) -> str:
    return say(COUNTS[count]).lower() if count < len(COUNTS) else str(count)


def enumeration(parts: Sequence[str]) -> str:
    """ "a, b och c"."""
    if len(parts) == 1:
        return parts[0]
    return say("%(first)s och %(last)s", first=", ".join(parts[:-1]), last=parts[-1])


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))
