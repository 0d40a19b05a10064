"""Property tests judge what is computed, never how fast a busy machine computes it."""

from hypothesis import settings

settings.register_profile("questionnaire", deadline=None)
settings.load_profile("questionnaire")
