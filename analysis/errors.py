"""The errors a user of `python -m analysis` can act on, and the texts they are shown as.

Every error that stops a run is an `AnalysisError`; the command line prints `str(error)` and exits with
`EXIT_CODE`. An `InputError` always says where: file, line, column, what was found there and what was
expected.
"""

EXIT_CODE = 2
NOTHING_WRITTEN = "Nothing was written."
UNMET = (
    "No weights meet margin {margin}, category {category}: "
    "the closest found miss its population by {deviation:.2%}."
)


class AnalysisError(Exception):
    """A run that cannot go on, with a sentence the user can act on."""


class QuestionError(AnalysisError):
    """A table, regression or file that cannot be made as asked, with a reason that others put in words.

    Args:
        reason: a short name of what is wrong.
        sentence: what is wrong, and what to do.
        parts: the numbers and names in the sentence, by name.
    """

    def __init__(self, reason: str, sentence: str, **parts: str | int) -> None:
        self.reason, self.parts = reason, parts
        super().__init__(sentence)


class InputError(AnalysisError):
    """A malformed table of a bundle.

    Args:
        file: name of the file, e.g. `responses.csv` (the table's name when the bundle was never a file).
        line: line in the file, the header being line 1; 0 when the error is about the file as a whole.
        column: name of the column, or of several joined by a comma; empty when it is about the
            whole file.
        found: what stands there.
        expected: what should have stood there.
    """

    def __init__(self, file: str, line: int, column: str, found: str, expected: str) -> None:
        self.file, self.line, self.column, self.found, self.expected = file, line, column, found, expected
        super().__init__(file, line, column, found, expected)

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f", line {self.line}"
        if self.column:
            place += f", column {self.column}"
        return f"{place}: found {self.found}; expected {self.expected}."


class SamplingError(AnalysisError):
    """A sample that cannot be drawn as asked."""


class CalibrationError(AnalysisError):
    """Margins that no weights can meet, naming the margin and the category that stands furthest off.

    Raised inside the weighting and answered there by the next, weaker, method; it reaches a user only when
    the user asked for one method and no other.
    """

    def __init__(self, margin: str, category: str, deviation: float) -> None:
        self.margin, self.category, self.deviation = margin, category, deviation
        super().__init__(margin, category, deviation)

    def __str__(self) -> str:
        return UNMET.format(margin=self.margin, category=self.category, deviation=self.deviation)
