# One drawn sample in R's `survey`: calibrated as the engine's reference profile, estimated for the total and for
# women, with Wald and logit intervals. Arguments: folder with people.csv and totals.csv; writes r.csv there.
suppressMessages(library(survey))
folder <- commandArgs(trailingOnly = TRUE)[1]
people <- read.csv(file.path(folder, "people.csv"), colClasses = c(stratum = "character"), check.names = FALSE)
totals <- read.csv(file.path(folder, "totals.csv"))
people$cell <- factor(people$cell)
people$area <- factor(people$area)
design <- svydesign(ids = ~1, strata = ~stratum, fpc = ~N, weights = ~start, data = people)
columns <- colnames(model.matrix(~ cell + area - 1, people))
population <- setNames(totals$total, paste0(totals$margin, totals$category))[columns]
calibrated <- calibrate(design, ~ cell + area - 1, population, calfun = "raking", epsilon = 1e-11, maxit = 200)
rows <- list()
for (group in c("all", "woman")) {
  domain <- if (group == "all") calibrated else subset(calibrated, gender == group)
  df <- degf(domain)
  for (item in grep("^q", names(people), value = TRUE)) {
    formula <- as.formula(paste0("~", item))
    mean <- svymean(formula, domain, na.rm = TRUE)
    p <- as.numeric(coef(mean))
    row <- data.frame(gender = group, item = item, estimate = p, se = as.numeric(SE(mean)), df = df,
                      wald_lower = NA, wald_upper = NA, logit_lower = NA, logit_upper = NA)
    row[c("wald_lower", "wald_upper")] <- as.numeric(confint(mean, df = df))
    if (max(people[[item]], na.rm = TRUE) == 1 && p > 0 && p < 1) {
      logit <- svyciprop(formula, domain, method = "logit", df = df, na.rm = TRUE)
      row[c("logit_lower", "logit_upper")] <- as.numeric(attr(logit, "ci"))
    }
    rows[[length(rows) + 1]] <- row
  }
}
write.csv(do.call(rbind, rows), file.path(folder, "r.csv"), row.names = FALSE)
cat(as.character(getRversion()), as.character(packageVersion("survey")))
