"""Promises and measures: from a problem in the results to the receipt on what came of it."""
