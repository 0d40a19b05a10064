"""For the one who prints: which files there are, and the files themselves. Nothing else of a wave."""

import csv
import io
from dataclasses import astuple, fields

from flask import current_app, render_template, send_file
from flask.typing import ResponseReturnValue

from survey.access import note, own_email, requires
from survey.admin.room import blueprint
from survey.collection import letter_files
from survey.collection.manifest import LetterBatch
from survey.database import reading, transaction
from survey.downloads import as_file
from survey.errors import UserError
from survey.permissions import Permission
from survey.preparation.waves import wave_status


@blueprint.get("/brev")
@requires(Permission.FETCH_LETTERS)
def letter_waves() -> ResponseReturnValue:
    with reading() as session:
        found = letter_files.list_letter_waves(session, current_app.extensions["settings"].output)
    return render_template("admin/letter_waves.html", waves=found)


@blueprint.get("/<code:wave_code>/brev")
@requires(Permission.FETCH_LETTERS)
def letter_list(wave_code: str) -> ResponseReturnValue:
    with reading() as session:
        try:
            wave = wave_status(session, wave_code)
            batches = letter_files.list_batches(session, current_app.extensions["settings"].output, wave_code)
        except UserError as error:
            return render_template("errors/message.html", message=str(error)), 404
    return render_template("admin/letter_files.html", wave=wave, batches=batches, synthetic=wave.synthetic)


@blueprint.get("/<code:wave_code>/brev/<code:batch>.pdf")
@requires(Permission.FETCH_LETTERS)
def letter_file(wave_code: str, batch: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            path = letter_files.fetch(
                session, current_app.extensions["settings"].output, wave_code, batch, own_email()
            )
    except UserError as error:
        return render_template("errors/message.html", message=str(error)), 404
    # Whole and never from the browser's memory; streamed from the file.
    return send_file(path.resolve(), "application/pdf", as_attachment=True, conditional=False, etag=False)


@blueprint.get("/<code:wave_code>/brev/manifest.csv")
@requires(Permission.FETCH_LETTERS)
def letter_manifest(wave_code: str) -> ResponseReturnValue:
    try:
        with reading() as session:
            batches = letter_files.list_batches(session, current_app.extensions["settings"].output, wave_code)
    except UserError as error:
        return render_template("errors/message.html", message=str(error)), 404
    name = f"manifest-{wave_code}.csv"
    note("download", name)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(field.name for field in fields(LetterBatch))
    lines.writerows(astuple(batch) for batch in batches)
    return as_file(name, text.getvalue().encode(), "text/csv")
