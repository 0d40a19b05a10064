"""Situation pictures (lägesbilder): one structure for every level, live until it is signed, then frozen."""
