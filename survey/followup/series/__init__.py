"""Series of other sources than the survey: read in from files, shown beside it, never merged with it."""
