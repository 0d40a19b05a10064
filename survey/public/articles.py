"""Articles on the survey: how it was made, whether a letter is real, personal data, accessibility."""

from datetime import date

from flask import current_app, g, render_template
from flask.typing import ResponseReturnValue

from survey import clock, languages
from survey.access import requires
from survey.config import Settings
from survey.database import reading
from survey.permissions import Permission
from survey.preparation.kept_until import kept_until
from survey.public.room import blueprint, everybody, let_be_kept
from survey.publication.drawings.resident_charts import surveys, uncertainty_chart
from survey.publication.pages import public_codebook
from survey.publication.pages.public_method import method_facts
from survey.translation import gettext

# When somebody last went through the pages for the accessibility statement.
ACCESSIBILITY_LOOKED_AT = date(2026, 11, 26)


@blueprint.get("/sa-gjordes-undersokningen", defaults={"wave_code": ""})
@blueprint.get("/sa-gjordes-undersokningen/<code:wave_code>")
@requires(Permission.PUBLIC)
def method(wave_code: str) -> ResponseReturnValue:
    """How an open survey was made, with its own numbers: the newest when none is named."""
    reader = everybody()
    with reading() as session:
        facts = method_facts(session, reader, wave_code)
        let_be_kept(session, reader)
    hits = sum(covers for _, _, covers in surveys())
    chart = uncertainty_chart(
        gettext("Tjugo påhittade undersökningar av samma kommun"),
        gettext("Tjugo streck. %(hits)s av dem går över det rätta värdet, 30 av 100.") % {"hits": hits},
    )
    known = {"synthetic": True} if facts is not None and facts.wave.synthetic else {}
    return render_template(
        "public/method.html", facts=facts, named=bool(wave_code), chart=chart, hits=hits, **known
    )


@blueprint.get("/sa-ar-matten-gjorda", defaults={"wave_code": ""})
@blueprint.get("/sa-ar-matten-gjorda/<code:wave_code>")
@requires(Permission.PUBLIC)
def measures(wave_code: str) -> ResponseReturnValue:
    """The questions and the recipe of every measure of an open survey, in Swedish alone."""
    g.language = languages.SOURCE
    reader = everybody()
    with reading() as session:
        codebook = public_codebook.public_codebook(session, reader, wave_code)
        let_be_kept(session, reader)
    known = {"synthetic": True} if codebook is not None and codebook.wave.synthetic else {}
    return render_template(
        "public/measures.html",
        codebook=codebook,
        lead=public_codebook.LEAD,
        gone=public_codebook.GONE,
        counted=public_codebook.COUNTED,
        **known,
    )


@blueprint.get("/ar-brevet-akta")
@requires(Permission.PUBLIC)
def letter() -> ResponseReturnValue:
    return _article("public/letter.html")


@blueprint.get("/personuppgifter")
@requires(Permission.PUBLIC)
def personal_data() -> ResponseReturnValue:
    """Who answers for personal data and until when they are kept, in every wave that still holds some."""
    with reading() as session:
        still_kept = kept_until(session)
    return _article("public/personal_data.html", still_kept=still_kept, today=clock.today())


@blueprint.get("/tillganglighet")
@requires(Permission.PUBLIC)
def accessibility() -> ResponseReturnValue:
    return _article("public/accessibility.html", looked_at=ACCESSIBILITY_LOOKED_AT)


def _article(template: str, **known: object) -> str:
    settings: Settings = current_app.extensions["settings"]
    with reading() as session:
        let_be_kept(session, everybody())
    return render_template(template, settings=settings, **known)
