"""Commands for translators: which languages there are, and catalogues brought up to date."""

import click

from survey.cli.console import Flow


@click.group(cls=Flow)
def language() -> None:
    """Språken som invånare kan svara på."""


@language.command("list")
def language_list() -> None:
    """Visa hur långt varje språk har kommit och vem som har granskat det."""
    from survey import languages

    for found in languages.LANGUAGES.values():
        missing = len(languages.untranslated(found.code))
        review = f"granskad {found.reviewed_on} av {found.reviewer}" if found.reviewed else "ej granskad"
        lacking = f", {missing} texter saknas" if missing else ""
        use = "erbjuds" if languages.is_offered(found) else "bara i simulerade omgångar"
        click.echo(f"{found.code:8} {found.name}: {review}{lacking} – {use}")


@language.command("update")
def language_update() -> None:
    """Hämta alla texter ur sidor och formulär och lägg dem i språkens filer."""
    from survey import languages
    from survey.cli import extraction

    texts = extraction.extract()
    extraction.write_template(texts)
    for found in languages.LANGUAGES.values():
        if found is not languages.SOURCE:
            new, gone = extraction.update_catalogue(found.code, texts)
            click.echo(f"{found.code}: {new} nya texter, {gone} borttagna")
