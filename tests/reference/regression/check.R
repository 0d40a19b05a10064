# R's svyglm on the reference bundle, wave 2025: q04 (yes/no) by municipality, register sex and q02; logistic.
# Rscript tests/reference/regression/check.R > tests/reference/regression/expected.csv        (survey 4.1-1)
library(survey)
folder <- "tests/reference"
keys <- c(wave = "character", case_id = "character", stratum = "character", municipality_code = "character")
answers <- read.csv(file.path(folder, "bundle/responses.csv"), colClasses = keys[1:2])
weights <- read.csv(gzfile(file.path(folder, "expected/weights.csv.gz")), colClasses = keys)
strata <- read.csv(file.path(folder, "bundle/strata.csv"), colClasses = keys[c(1, 3, 4)])
sample <- read.csv(file.path(folder, "bundle/sample.csv"), colClasses = keys[1:3])
people <- merge(merge(weights, answers), strata[c("wave", "stratum", "population")])
people <- merge(people, sample[c("wave", "case_id", "legal_gender")])
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

design <- update(design, municipality = relevel(factor(municipality_code), ref = "0180"),
                 sex = relevel(factor(legal_gender), ref = "man"))
inside <- subset(design, !is.na(q04) & !is.na(q02))
cat("model,term,value,se\n")
for (model in c("alone", "adjusted")) {
  formula <- if (model == "alone") q04 ~ municipality else q04 ~ municipality + sex + factor(q02)
  fitted <- svyglm(formula, inside, family = quasibinomial(), control = list(epsilon = 1e-12, maxit = 100))
  for (term in names(coef(fitted)))
    cat(paste(model, term, sprintf("%.14g", coef(fitted)[[term]]), sprintf("%.14g", SE(fitted)[[term]]), sep = ","), "\n", sep = "")
  test <- regTermTest(fitted, ~municipality)  # Wald, F
  cat(paste(model, "wald", sprintf("%.14g", test$Ftest[1]), test$df, sep = ","), "\n", sep = "")
}
