"""From answers to a release: dataset, statistics, and the draft that becomes immutable."""
