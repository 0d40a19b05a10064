# The documented examples of R's `survey` on its school samples (`data(api)`), and the samples as bundles.
#   Rscript api_figures.R OUT
# School type is the area (or the age group), school-wide target the register sex: the engine knows no other names.
suppressMessages(library(survey))
out <- commandArgs(TRUE)[1]
data(api)

write_bundle <- function(name, people, strata, population) {
  folder <- file.path(out, name)
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  put <- function(file, table) write.csv(table, file.path(folder, paste0(file, ".csv")), row.names = FALSE, quote = FALSE)
  people <- data.frame(wave = "2000", case_id = people$snum, people)
  put("strata", data.frame(wave = "2000", strata))
  put("population", data.frame(wave = "2000", population))
  put("sample", data.frame(people[c("wave", "case_id", "stratum", "legal_gender", "age_group")], responded = 1))
  put("responses", data.frame(people[c("wave", "case_id")], gender = people$legal_gender, mode = "web",
    people[c("api00", "api99", "awards")]))
  levels <- function(x) paste(sort(unique(x)), collapse = " ")
  put("indicators", data.frame(indicator = c("api00", "api99", "awards"), item = c("api00", "api99", "awards"),
    type = c("ordinal", "ordinal", "binary"), yes = c("", "", "Yes"), levels = c(levels(people$api00), levels(people$api99), "No Yes")))
}

sex <- function(x) ifelse(x == "Yes", "woman", "man")
strata_of <- function(size, drawn) data.frame(stratum = paste0("S-", names(size)), municipality_code = "S", area = names(size),
  population = as.numeric(size), sampled = as.numeric(drawn))

# apistrat, calibrated to school type x nothing, and raked to school type and school-wide target.
types <- table(apipop$stype)
raked <- transform(apistrat, stratum = paste0("S-", stype), legal_gender = sex(sch.wide), age_group = "1-99")
known <- as.data.frame(table(area = apipop$stype, legal_gender = sex(apipop$sch.wide)), responseName = "population")
write_bundle("apistrat", raked, strata_of(types, table(apistrat$stype)),
  data.frame(municipality_code = "S", area = known$area, legal_gender = known$legal_gender, age_group = "1-99", population = known$population))

# the same sample with everybody of one sex: nothing but the strata is known.
plain <- transform(raked, legal_gender = "woman")
write_bundle("apistrat_plain", plain, strata_of(types, table(apistrat$stype)),
  data.frame(municipality_code = "S", area = names(types), legal_gender = "woman", age_group = "1-99", population = as.numeric(types)))

# apisrs: one stratum, post-stratified by school type.
ages <- c(E = "1-9", M = "10-19", H = "20-29")
simple <- transform(apisrs, stratum = "S-1", legal_gender = "woman", age_group = ages[as.character(stype)])
write_bundle("apisrs", simple, strata_of(c("1" = nrow(apipop)), nrow(apisrs)),
  data.frame(municipality_code = "S", area = "1", legal_gender = "woman", age_group = ages[names(types)], population = as.numeric(types)))

figures <- list()
add <- function(bundle, geography, code, gender, linearization, indicator, m) {
  figures <<- c(figures, list(data.frame(bundle, geography, code, gender, linearization, indicator,
    estimate = as.numeric(coef(m)), se = as.numeric(SE(m)))))
}
dstrat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
dsrs <- svydesign(id = ~1, weights = ~pw, data = apisrs, fpc = ~fpc)
post <- postStratify(dsrs, ~stype, data.frame(stype = names(types), Freq = as.numeric(types)))
population <- c("(Intercept)" = nrow(apipop), stypeH = types[["H"]], stypeM = types[["M"]], sch.wideYes = sum(apipop$sch.wide == "Yes"))
greg <- calibrate(dstrat, ~ stype + sch.wide, population, calfun = "raking", epsilon = 1e-12)
wide <- table(apipop$sch.wide)
ipf <- rake(dstrat, list(~stype, ~sch.wide), list(data.frame(stype = names(types), Freq = as.numeric(types)),
  data.frame(sch.wide = names(wide), Freq = as.numeric(wide))), control = list(maxit = 500, epsilon = 1e-11))
cases <- list(list("apistrat_plain", dstrat, "deville-sarndal"), list("apistrat_plain", dstrat, "fixed-weights"),
  list("apisrs", post, "deville-sarndal"), list("apistrat", greg, "deville-sarndal"), list("apistrat", ipf, "rake"))
for (one in cases) {
  for (indicator in c("api00", "api99", "awards")) {
    formula <- if (indicator == "awards") ~ as.numeric(awards == "Yes") else as.formula(paste("~", indicator))
    add(one[[1]], "municipality", "S", "all", one[[3]], indicator, svymean(formula, one[[2]]))
    if (one[[1]] != "apisrs") for (type in names(types))
      add(one[[1]], "area", paste0("S-", type), "all", one[[3]], indicator, svymean(formula, subset(one[[2]], stype == type)))
    if (one[[1]] == "apistrat") for (g in c("Yes", "No"))
      add(one[[1]], "municipality", "S", sex(g), one[[3]], indicator, svymean(formula, subset(one[[2]], sch.wide == g)))
  }
}
figures <- do.call(rbind, figures)
figures$estimate <- signif(figures$estimate, 12); figures$se <- signif(figures$se, 12)
write.csv(figures, file.path(out, "api_figures.csv"), row.names = FALSE, quote = FALSE)
