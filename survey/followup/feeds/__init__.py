"""What stands beside the survey as rows for other systems, by the level and audience of who asks."""
