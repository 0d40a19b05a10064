"""After publication: what becomes of the results."""
