"""Before collection: geography, population, waves with their settings, accounts."""
