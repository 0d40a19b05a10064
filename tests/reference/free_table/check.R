# R's answer to free tables of the reference bundle, wave 2025: q04 (yes/no), q30 (levels), an index by q02.
# Rscript tests/reference/free_table/check.R > tests/reference/free_table/expected.csv        (survey 4.1-1)
library(survey)
folder <- "tests/reference"
keys <- c(wave = "character", case_id = "character", stratum = "character", municipality_code = "character")
answers <- read.csv(file.path(folder, "bundle/responses.csv"), colClasses = keys[1:2])
weights <- read.csv(gzfile(file.path(folder, "expected/weights.csv.gz")), colClasses = keys)
strata <- read.csv(file.path(folder, "bundle/strata.csv"), colClasses = keys[c(1, 3, 4)])
people <- merge(merge(weights, answers), strata[c("wave", "stratum", "population")])
people <- people[people$wave == "2025", ]
design <- svydesign(ids = ~1, strata = ~stratum, weights = ~nonresponse_weight, fpc = ~population, data = people)

# What calibrate(calfun = "raking") leaves behind, written out, since its weights are already in weights.csv.
margins <- cbind(model.matrix(~ calcell - 1, people), model.matrix(~ calarea - 1, people))
root <- sqrt(people$nonresponse_weight)
g <- people$weight_raking / people$nonresponse_weight
residuals <- structure(list(qr = qr(margins * root), w = g * root, stage = 0, index = NULL),
                       class = c("greg_calibration", "gen_raking"))
design$prob <- design$prob / g
design$postStrata <- c(design$postStrata, list(residuals))

line <- function(table, category, statistic, value, se = NA, df1 = NA, df2 = NA, p = NA)
  cat(paste(table, category, statistic, sprintf("%.14g", value), sprintf("%.14g", se), sprintf("%.14g", df1),
            sprintf("%.14g", df2), sprintf("%.14g", p), sep = ","), "\n", sep = "")
cat("table,category,statistic,value,se,df1,df2,p\n")
share <- function(table, formula, item, statistics) {
  found <- svyby(formula, ~q02, design, svymean, na.rm = TRUE)
  errors <- as.matrix(SE(found))
  for (i in seq_len(nrow(found)))
    for (s in seq_along(statistics)) line(table, found$q02[i], statistics[s], coef(found)[i + (s - 1) * nrow(found)],
                                          errors[i, s])
  if (is.null(item)) return(invisible())
  test <- svychisq(as.formula(paste0("~q02+", item)), design, statistic = "F")
  line(table, "", "rao_scott", test$statistic, NA, test$parameter[[1]], test$parameter[[2]], test$p.value)
}
share("q04", ~q04, "q04", "proportion")
share("q30", ~factor(q30), "q30", paste0("p", 1:5))
items <- (as.matrix(people[c("q31", "q32", "q33", "q34")]) - 1) / 4  # an index 0-100, half of the items needed
design$variables$index <- ifelse(rowSums(!is.na(items)) >= 2, 100 * rowMeans(items, na.rm = TRUE), NA)
share("index", ~index, NULL, "mean")
gap <- svyglm(q04 ~ q02, subset(design, !is.na(q04) & !is.na(q02)))  # the slope on 0/1 is the difference of two domain means
line("q04", "1", "difference", coef(gap)[["q02"]], SE(gap)[["q02"]])
