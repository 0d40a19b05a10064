"""Why a figure is missing, in the words that several tables use. METHODS.md, "Files"."""

NO_ANSWERS = "no_answers"
BREAK = "break"
PREVIOUS_SUPPRESSED = "previous_suppressed"
