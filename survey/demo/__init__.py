"""The demonstration: real population, invented people, the same doors as a real wave."""
