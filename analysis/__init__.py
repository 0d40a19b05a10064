"""Survey statistics from files to files; nothing here knows of the web or of a database.

The flow, one module a step (`pipeline.py` is the same as code):

1. `schema`         read and check the bundle: strata, population, sample, responses, indicators, the rest
2. `sampling`       (before the survey) who is drawn; `plans`, `allocation` how many where, `precision` what
                    that shows
3. `design`         `fine_cells` of stratum, register sex and age group; `collapse` what was merged
4. `weights`        design weight, non-response (`propensity`), calibration (`fitting`), `trimming`
5. `indicators`     raw codes become proportions, levels and means in their stated bases; `indices` by recipes
6. `estimates`      every domain and indicator, from sums over `domains` (`local_sums` of a municipality,
                    `blocks` of a geography) come `figures`, with `variance` for the uncertainty
7. `disclosure`     which rows may be shown (publication rule, few persons); `suppression` what else is hidden
                    so that they do not follow (an attack in the tests tries to find them all the same)
8. `changes`        against each code's previous wave (`comparability`, `overlap`, `unions`, `unasked`,
                    `ground`): tests, `multiplicity`, one verdict per row; `gaps`; `several_waves`
                    (`standardisation`, `trends` by `trend_lines`, `pooling`)
9. `comparisons`    beside the region, the others of its kind, the municipality (`parts_of_wholes`)
10. `quality`       response and weights; `declaration`, `item_nonresponse`, `representativity`
                    of `drawn_samples` (who answers by `response_model`, what `drawing` adds to its
                    uncertainty)

Beside the flow: `free_tables` (any item by any background variable), `differencing` (what such a table would
tell of the hidden, beside all that is told), `regression` (between people otherwise alike), `small_areas`
(direct, pooled, model), `replicates` (an audit of the variances), `published` (series known as published),
`microdata` (records coarse enough to leave the house), `targets` (whether one is reached), `funnel` (how far
chance strays), `revisions` (what a new run of a wave changed), `synthetic` (invented surveys with known
truth).

Run it alone: `python -m analysis BUNDLE --out OUT`. METHODS.md holds formulas, assumptions and sources,
STUDY.md how often intervals and tests hold what they promise, PERFORMANCE.md what it costs.
"""
