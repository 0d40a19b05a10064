"""Swedish sentences by rule: the verdict column chooses the words, never an interval, never a template."""

from collections.abc import Sequence
from datetime import date

from analysis.keys import TOTAL
from survey.publication import numbers
from survey.publication.content import ChangeFigure, Figure, GroupFigures
from survey.publication.released import Wave
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
    "other_municipalities": "andra kommuner än i mätningen innan",
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
NO_COMPARISON = "Nivåer utan jämförelse bakåt"
HIDDEN_REASON = "för få svar eller för osäkert"
GENDERS = {"woman": "Kvinnor", "man": "Män", "other": "Annat kön", "undisclosed": "Kön inte angivet"}
EVERYBODY = "Alla"
COUNTS = ("Ingen", "En", "Två", "Tre", "Fyra", "Fem", "Sex", "Sju", "Åtta", "Nio", "Tio", "Elva", "Tolv")


def place(name: str) -> str:
    """ "i Nacka", "på Gotland"."""
    return f"{'på' if name in ISLANDS else 'i'} {name}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def reason(code: str) -> str:
    """Why a figure is hidden, in the reader's words; empty for a figure that is not."""
    return {**REASONS, **QUALITY_REASONS}.get(code, HIDDEN_REASON)


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
        return "sedan året innan"
    return f"sedan {numbers.month(previous.field_start)}"


def level_sentence(indicator: Indicator, where: str, now: Figure) -> str:
    """How large the share is, with its interval."""
    if now.value is None:
        return f"{indicator.label}: resultatet visas inte ({now.note})."
    if not indicator.verb:  # a municipality's own question has a name, and no words to build a sentence of
        return f"{indicator.label}: {now.value}{numbers.NBSP}procent ({now.interval})."
    sentence = indicator.sentence(capital(where), f"{now.value}{numbers.NBSP}procent")
    return f"{sentence[:-1]} ({now.interval})."


def change_sentence(indicator: Indicator, figures: GroupFigures, wave: Wave, previous: Wave | None) -> str:
    """What can be said of the change between two waves; always names both."""
    if previous is None:
        return "Det finns ingen tidigare mätning att jämföra med."
    change = figures.change
    share = indicator.share_phrase()
    now_name, before_name = numbers.month(wave.field_start), numbers.month(previous.field_start)
    if change.certain:
        return _certain_change(share, figures, wave, previous)
    if change.verdict == "unchanged":
        levels = _levels(figures, now_name, before_name)
        return f"{capital(share)} är i stort sett oförändrad {since(wave, previous)}: {levels}."
    if change.verdict == "too_uncertain":
        return _unknown_change(share, change, now_name, before_name)
    if change.verdict == "not_comparable":
        return f"{capital(share)} jämförs inte mellan {before_name} och {now_name}: {REASONS[BREAK]}."
    return f"Förändringen mellan {before_name} och {now_name} visas inte ({change.note or HIDDEN_REASON})."


def short_change(indicator: Indicator, change: ChangeFigure) -> str:
    """A certain change as an entry of a list: "Narkotika utomhus: ▲ +4 procentenheter"."""
    value = change.value or 0.0
    unit = numbers.points_in_words(value).split(numbers.NBSP, 1)[1]
    return f"{indicator.label}: {change.mark}{numbers.NBSP}{numbers.signed(value)}{numbers.NBSP}{unit}"


def changes_heading(changes: Sequence[tuple[str, ChangeFigure]]) -> str:
    """What is certain among some changes, in ten words or fewer."""
    rising = [label for label, change in changes if change.verdict == "up"]
    falling = [label for label, change in changes if change.verdict == "down"]
    if not rising and not falling:
        if any(change.verdict in ("unchanged", "too_uncertain") for _, change in changes):
            return "Inga säkerställda förändringar"
        return "Förändringarna kan inte visas" if any(change.text for _, change in changes) else ""
    if len(rising) + len(falling) == 1:
        return f"{(rising + falling)[0]}: andelen har {'ökat' if rising else 'minskat'}"
    parts = [
        f"{_number_word(len(labels))} {'andel' if len(labels) == 1 else 'andelar'} har {verb}"
        for labels, verb in ((rising, "ökat"), (falling, "minskat"))
        if labels
    ]
    if len(parts) == 1:
        return capital(parts[0])
    return capital(f"{parts[0]}, {parts[1].replace(' andelar', '').replace(' andel', '')}")


def verdict_counts(changes: Sequence[ChangeFigure], waves: tuple[str, str]) -> str:
    """How many changes are certain, unchanged and unknown."""
    certain = sum(change.certain for change in changes)
    unchanged = sum(change.verdict == "unchanged" for change in changes)
    unknown = sum(change.verdict == "too_uncertain" for change in changes)
    compared = certain + unchanged + unknown
    between = f"mellan {waves[0]} och {waves[1]}"
    if not compared:
        return f"Inga förändringar {between} kan visas."
    rest = [f"{unchanged} är {'oförändrat' if unchanged == 1 else 'oförändrade'}"] if unchanged else []
    rest += [f"för {unknown} går det inte att säga"] if unknown else []
    if not certain:
        nothing = f"Ingen förändring {between} är statistiskt säkerställd."
        if not unchanged:
            those = "det enda mått" if unknown == 1 else f"alla {unknown} mått"
            return f"{nothing} För {those} som jämförs går det inte att säga om något har ändrats."
        return f"{nothing} Av {compared} jämförda mått: {enumeration(rest)}."
    word = "förändrat" if certain == 1 else "förändrade"
    first = f"är {certain} statistiskt säkerställt {word}"
    return f"Av {compared} mått som jämförs {between} {enumeration([first, *rest])}."


def unknown_heading(changes: Sequence[ChangeFigure]) -> str:
    """How many of the compared changes nothing can be said of."""
    compared = sum(change.certain or change.verdict in ("unchanged", "too_uncertain") for change in changes)
    unknown = sum(change.verdict == "too_uncertain" for change in changes)
    if not compared:
        return "Förändringarna kan inte visas"
    if not unknown:
        return "Om alla jämförda mått går det att säga något"
    return f"För {unknown} av {compared} mått går det inte att säga om något har ändrats"


def detectable_sentence(sizes: Sequence[float]) -> str:
    """Which size of change the survey can see at best, over the middle eight tenths of the measures."""
    if not sizes:
        return ""
    ordered = sorted(sizes)
    low, high = ordered[len(ordered) // 10], ordered[(9 * (len(ordered) - 1)) // 10]
    size = numbers.points_in_words(high)
    if numbers.signed(low) != numbers.signed(high):
        size = f"{numbers.signed(low)[1:]}{numbers.NBSP}till{numbers.NBSP}{size}"
    return f"För de flesta mått måste en förändring vara minst omkring {size} för att oftast synas."


def _certain_change(share: str, figures: GroupFigures, wave: Wave, previous: Wave) -> str:
    change = figures.change
    verb = "ökat" if change.verdict == "up" else "minskat"
    now_name, before_name = numbers.month(wave.field_start), numbers.month(previous.field_start)
    size = numbers.points_in_words(change.value or 0.0)
    size += f" ({numbers.size_span(change.lower or 0.0, change.upper or 0.0)})"
    if not (figures.now.shown and figures.before.shown):
        return f"{capital(share)} har {verb} med {size} mellan {before_name} och {now_name}."
    levels = (
        f"från {figures.before.value}{numbers.NBSP}procent i {before_name} "
        f"till {figures.now.value}{numbers.NBSP}procent i {now_name}"
    )
    return f"{capital(since(wave, previous))} har {share} {verb} med {size}: {levels}."


def _unknown_change(share: str, change: ChangeFigure, now_name: str, before_name: str) -> str:
    seen = ""
    if change.detectable:
        seen = f" En förändring måste vara minst omkring {change.detectable} för att oftast synas."
    return f"Om {share} har ändrats mellan {before_name} och {now_name} går inte att säga.{seen}"


def _levels(figures: GroupFigures, now_name: str, before_name: str) -> str:
    return (
        f"{figures.before.value}{numbers.NBSP}procent i {before_name} och "
        f"{figures.now.value}{numbers.NBSP}procent i {now_name}"
    )


def _number_word(count: int) -> str:
    return COUNTS[count].lower() if count < len(COUNTS) else str(count)


def enumeration(parts: Sequence[str]) -> str:
    """ "a, b och c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} och {parts[-1]}"


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date.resolution).day
    return date(year, month + 1, min(day.day, last))
