"""What pages are made of: overview, measures, versions, and what everybody may read."""
