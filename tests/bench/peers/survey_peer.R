# What an R user does for the same figures: raking and every domain mean of every item, a municipality at a time.
#   Rscript survey_peer.R BUNDLE
suppressMessages(library(survey))
options(survey.lonely.psu = "adjust", warn = -1)
folder <- commandArgs(TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), colClasses = "character")
strata <- transform(table_of("strata"), population = as.numeric(population), sampled = as.numeric(sampled))
totals <- transform(table_of("population"), population = as.numeric(population))
indicators <- table_of("indicators")
people <- merge(merge(table_of("responses"), table_of("sample"), by = c("wave", "case_id")), strata, by = c("wave", "stratum"))
people$cell <- paste(people$legal_gender, people$age_group)
totals$cell <- paste(totals$legal_gender, totals$age_group)
estimates <- 0
for (wave in unique(strata$wave)) for (code in unique(strata$municipality_code)) {
  mine <- people[people$wave == wave & people$municipality_code == code, ]
  known <- totals[totals$wave == wave & totals$municipality_code == code & totals$cell %in% mine$cell, ]
  mine$start <- mine$population / ave(mine$population, mine$stratum, FUN = length)
  design <- svydesign(~1, strata = ~stratum, weights = ~start, fpc = ~population, data = mine)
  cells <- aggregate(list(Freq = known$population), list(cell = known$cell), sum)
  areas <- aggregate(list(Freq = known$population), list(area = known$area), sum)
  design <- tryCatch(calibrate(design, list(~cell, ~area), list(cells, areas), calfun = "raking", maxit = 100), error = function(e) design)
  for (i in seq_len(nrow(indicators))) {
    item <- indicators$item[i]; levels <- indicators$levels[i]
    design$variables$answer <- replace(design$variables[[item]], design$variables[[item]] == "", NA)
    formula <- if (indicators$type[i] == "binary") ~as.numeric(answer) else ~as.numeric(answer) + factor(answer, levels = strsplit(levels, " ")[[1]])
    estimates <- estimates + length(coef(svymean(formula, design, na.rm = TRUE)))
    for (by in list(~gender, ~age_group, ~gender + age_group)) {
      # A group in which nobody was asked the question stops svyby: its figures are left out.
      estimates <- estimates + tryCatch(length(coef(svyby(formula, by, design, svymean, na.rm = TRUE))), error = function(e) 0)
    }
  }
}
cat(estimates, "\n")
