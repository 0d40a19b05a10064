"""The files that statistical systems read, by the name of their form."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from survey.notice import file_suffix
from survey.publication.downloads.tables import Download
from survey.publication.extracts import Viewer, read_extract
from survey.publication.formats.cube import read_cube
from survey.publication.formats.ddi import write_codebook
from survey.publication.formats.jsonstat import as_json_stat
from survey.publication.formats.parquet import as_parquet
from survey.publication.formats.px import as_px
from survey.publication.formats.requested import read_requested_cube
from survey.publication.releases import ReleasedWave

MIMETYPES = {
    "json-stat": "application/json-stat+json",
    "px": "application/x-pcaxis",
    "parquet": "application/vnd.apache.parquet",
    "ddi": "application/xml",
}
ENDINGS = {"json-stat": "json", "px": "px", "parquet": "parquet", "ddi": "xml"}
NAMES = {"ddi": "codebook"}
FORMS = tuple(MIMETYPES)
FIGURES = FORMS[:-1]  # those that hold the estimates; the last one describes them
CUBES = {"json-stat": as_json_stat, "px": as_px}


def write_file(session: Session, viewer: Viewer, filters: Mapping[str, Sequence[str]], form: str) -> Download:
    """The estimates that the filters leave, or what a wave's are, as far as the reader may see them."""
    if form == "ddi":
        content, release = write_codebook(session, viewer, filters["wave"][0])
        return _download([release], form, content, 0)
    if form == "parquet":
        found = read_extract(session, viewer, "estimates", filters)
        return _download(found.releases, form, as_parquet("estimates", found), len(found.rows))
    cube = read_cube(session, viewer, filters)
    return _download(cube.releases, form, CUBES[form](cube), len(cube.cells))


def write_requested(
    session: Session, viewer: Viewer, filters: Mapping[str, Sequence[str]], form: str
) -> Download:
    """An approved table, as far as the reader may see it."""
    cube = read_requested_cube(session, viewer, filters)
    name = f"tabell-{filters['table'][0]}"
    return _download(cube.releases, form, CUBES[form](cube), len(cube.cells), name)


def _download(
    releases: Sequence[ReleasedWave], form: str, content: bytes, rows: int, table: str = "estimates"
) -> Download:
    waves = "-".join(one.code for one in releases) if len(releases) < 3 else "alla"
    suffix = file_suffix(any(one.synthetic for one in releases))
    name = f"{waves or 'inga'}-{NAMES.get(form, table)}{suffix}.{ENDINGS[form]}"
    return Download(name, content, rows)
