"""After publication: places and their levels, other sources, events, promises, situation pictures."""
