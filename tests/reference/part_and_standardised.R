# Figures of test_comparisons.py and test_standardisation.py by R's survey, municipality 0180, item q01:
# Rscript tests/reference/part_and_standardised.R (from the root of the repository).
library(survey)
folder <- "tests/reference"
text <- c(case_id = "character", municipality_code = "character", stratum = "character")
weights <- read.csv(gzfile(file.path(folder, "expected/weights.csv.gz")), colClasses = text)
sample <- read.csv(file.path(folder, "bundle/sample.csv"), colClasses = text["case_id"])
answers <- read.csv(file.path(folder, "bundle/responses.csv"), colClasses = text["case_id"])
strata <- read.csv(file.path(folder, "bundle/strata.csv"), colClasses = text[c("municipality_code", "stratum")])
people <- read.csv(file.path(folder, "bundle/population.csv"), colClasses = text["municipality_code"])

designed <- function(wave) {
  d <- weights[weights$wave == wave & weights$municipality_code == "0180", ]
  d <- merge(d, sample[sample$wave == wave, c("case_id", "legal_gender", "age_group")], by = "case_id")
  d <- merge(d, answers[answers$wave == wave, c("case_id", "q01")], by = "case_id")
  d <- merge(d, strata[strata$wave == wave, c("stratum", "population")], by = "stratum")
  d$answered <- as.numeric(d$q01 %in% c(0, 1))
  d$yes <- as.numeric(d$answered == 1 & d$q01 %in% 1)
  d$cell <- paste(d$legal_gender, d$age_group)
  A <- model.matrix(~ factor(calcell) - 1, d)
  B <- model.matrix(~ factor(calarea) - 1, d)
  X <- cbind(A, B[, -1, drop = FALSE])
  d$X <- X
  base <- svydesign(ids = ~1, strata = ~stratum, fpc = ~population, weights = ~nonresponse_weight, data = d)
  totals <- colSums(X * d$weight_raking)  # the margins, met by the reference weights
  names(totals) <- colnames(model.matrix(~ X - 1, d))
  linear <- calibrate(base, ~ X - 1, population = totals)
  # The weights of raking in the place of the linear ones: the regression of the residuals is the same, and
  # raking itself would need a package that is not everywhere.
  ratio <- d$weight_raking * linear$prob
  linear$postStrata[[1]]$w <- linear$postStrata[[1]]$w * ratio
  linear$prob <- 1 / d$weight_raking
  linear
}

share <- function() {
  p <- people[people$wave == 2024 & people$municipality_code == "0180", ]
  total <- tapply(p$population, paste(p$legal_gender, p$age_group), sum)
  total / sum(total)
}

standardised <- function(design, W) {
  cells <- names(W)
  G <- outer(design$variables$cell, cells, "==") * 1
  design$variables$S <- cbind(G * design$variables$yes, G * design$variables$answered)
  sums <- svytotal(~S, design)
  y <- coef(sums)[seq_along(cells)]
  m <- coef(sums)[length(cells) + seq_along(cells)]
  gradient <- c(W / m, -W * y / m^2)
  c(sum(W * y / m), drop(gradient %*% vcov(sums) %*% gradient))
}

W <- share()
before <- standardised(designed(2024), W)
now <- standardised(designed(2025), W)
print(c(before[1], now[1], sqrt(before[2] + now[2])), digits = 15)  # two figures, se of the change

design <- designed(2025)
design <- update(design, ya = yes * (stratum == "0180-1"), ma = answered * (stratum == "0180-1"))
sums <- svytotal(~ ya + ma + yes + answered, design)
difference <- svycontrast(sums, quote(ya / ma - yes / answered))
print(c(coef(difference), SE(difference)), digits = 15)
