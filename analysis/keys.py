"""The keys that several tables have in common. METHODS.md, "Files"."""

TOTAL = "all"  # of a geography, gender or age group: everybody
MUNICIPALITY, AREA = "municipality", "area"  # geographies of every survey

PLACE = ["geography", "code"]
CELL = [*PLACE, "gender", "age_group", "indicator", "statistic"]  # of one wave
ESTIMATE = ["wave", *CELL]
