"""A register file of the kind the population register delivers, with people who do not exist."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
from numpy.typing import NDArray

from survey.collection.register_layout import COLUMNS
from survey.demo.geography import Counts, Plan, stream
from survey.demo.names import names
from survey.preparation.population import AGE_GROUPS, bounds
from survey.progress import Progress

# About 27,000 of 10.3 million have protected personal data. They are part of the population figures, as in
# reality: the file is the population, and whoever leaves the protected out of the frame loses 0.3 % of it.
PROTECTED_SHARE = 0.003
_HOUSE_NUMBERS = 60
_SEPARATOR = ";"
_ROWS_PER_BLOCK = 200_000

_Index = NDArray[np.intp]


def write_register(
    path: Path, areas: Plan, cells: Counts, seed: int, wave: str, progress: Progress | None = None
) -> int:
    """Write everybody in the cells as one row, in random order; the number of rows."""
    rng = stream(seed, "register", wave)
    place, gender, band = np.unravel_index(_shuffled_cells(cells, rng), cells.shape)
    rows = len(place)
    texts = _Texts(areas)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The header is written by hand: pyarrow would put it in quotes.
    options = pyarrow.csv.WriteOptions(delimiter=_SEPARATOR, quoting_style="none", include_header=False)
    with path.open("wb") as file:
        file.write((_SEPARATOR.join(COLUMNS) + "\n").encode())
        writer = pyarrow.csv.CSVWriter(file, texts.schema, write_options=options)
        for start in range(0, rows, _ROWS_PER_BLOCK):
            block = slice(start, min(start + _ROWS_PER_BLOCK, rows))
            writer.write_table(texts.table(start, place[block], gender[block], band[block], rng))
            if progress is not None:
                progress(f"registerfil {wave}", block.stop, rows)
        writer.close()
    return rows


def _shuffled_cells(cells: Counts, rng: np.random.Generator) -> _Index:
    everybody = np.repeat(np.arange(cells.size), cells.ravel())
    rng.shuffle(everybody)
    return everybody


class _Texts:
    """The columns' possible texts, made once and picked by number: two million rows in seconds."""

    def __init__(self, areas: Plan) -> None:
        cities = {municipality.code: municipality.name for municipality in areas.municipalities}
        owners = [area.municipality_code for area in areas.areas]
        self._area = pa.array([area.code for area in areas.areas])
        self._owner = pa.array(owners)
        self._city = pa.array([cities[code] for code in owners])
        # No postal code in Sweden begins with 0.
        self._postal_code = pa.array([f"{i + 1:05d}" for i in range(len(owners))])
        women, men = names("woman"), names("man")
        self._first = pa.array([*women, *men])
        self._first_range = np.array([[0, len(women)], [len(women), len(women) + len(men)]])
        self._last = pa.array(names("last"))
        self._address = pa.array(
            [f"{street} {number}" for street in names("street") for number in range(1, _HOUSE_NUMBERS + 1)]
        )
        self._gender = pa.array(["K", "M"])
        self._protected = pa.array(["N", "J"])
        edges = np.array([bounds(group) for group in AGE_GROUPS])
        self._youngest = edges[:, 0]
        self._years = edges[:, 1] - edges[:, 0] + 1
        self.schema = pa.schema([(name, pa.int64() if name == "alder" else pa.string()) for name in COLUMNS])

    def table(
        self, start: int, place: _Index, gender: _Index, band: _Index, rng: np.random.Generator
    ) -> pa.Table:
        rows = len(place)
        first = rng.integers(*self._first_range[gender].T)
        age = self._youngest[band] + np.floor(rng.random(rows) * self._years[band]).astype(np.int64)
        columns: Sequence[pa.Array] = (
            _serials(start, rows),
            self._first.take(pa.array(first)),
            self._last.take(pa.array(rng.integers(0, len(self._last), rows))),
            self._address.take(pa.array(rng.integers(0, len(self._address), rows))),
            self._postal_code.take(pa.array(place)),
            self._city.take(pa.array(place)),
            self._owner.take(pa.array(place)),
            self._area.take(pa.array(place)),
            self._gender.take(pa.array(gender)),
            pa.array(age),
            self._protected.take(pa.array((rng.random(rows) < PROTECTED_SHARE).astype(np.int64))),
        )
        return pa.Table.from_arrays(list(columns), schema=self.schema)


def _serials(start: int, rows: int) -> pa.Array:
    # A letter and eight digits in the shuffled order: tells nothing, and is never a personal identity number.
    numbers = pa.array(np.arange(start + 1, start + rows + 1))
    padded = pa.compute.utf8_lpad(pa.compute.cast(numbers, pa.string()), 8, "0")
    return pa.compute.binary_join_element_wise("P", padded, "")
