"""Survey statistics from files to files; nothing here knows of the web or of a database.

The flow, one module a step (`pipeline.py` is the same as code):

1. `schema`      read and check the bundle: strata, population, sample, responses, indicators
2. `sampling`    (before the survey) who is drawn: simple random samples within strata
3. `design`      cells of stratum, register sex and age group; margins and what was collapsed
4. `weights`     design weight, non-response adjustment, calibration
5. `indicators`  raw codes become proportions, levels and means in their stated bases
6. `estimates`   every domain and indicator, with `variance` for its uncertainty
7. `disclosure`  which rows may be shown (publication rule, few persons)
8. `changes`     against each code's previous wave: tests, `multiplicity`, one verdict per row
9. `quality`     response rates and weight diagnostics; `representativity`, `item_nonresponse` and
                 `declaration` for the quality declaration
10. `small_areas` when asked: areas whose own answers are too few, with `fay_herriot`

Before the survey: `allocation` and `precision`. Run it alone: `python -m analysis BUNDLE --out OUT`.
METHODS.md holds formulas, assumptions and sources.
"""
