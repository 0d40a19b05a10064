"""The report of a municipality: typeset, as a web page, in a batch, and what an analyst says in it."""
