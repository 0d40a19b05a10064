# The figures R's `survey` package computes from a bundle, in the form of tests/reference/expected.
#   Rscript figures.R BUNDLE OUT
# Every column is described in README.md ("The design behind every column").
suppressMessages(library(survey))
options(survey.lonely.psu = "adjust", warn = 1)

folders <- commandArgs(TRUE)
table_of <- function(name) {
  read.csv(file.path(folders[1], paste0(name, ".csv")), colClasses = "character", na.strings = character(0))
}
strata <- transform(table_of("strata"), population = as.numeric(population), sampled = as.numeric(sampled))
totals <- transform(table_of("population"), population = as.numeric(population))
drawn <- merge(table_of("sample"), strata, by = c("wave", "stratum"), sort = FALSE)
indicators <- table_of("indicators")
responses <- table_of("responses")
bands <- sort(unique(totals$age_group))
number <- function(x) signif(x, 10)

# Consecutive categories grouped until each group holds `minimum`; a remainder joins the group before it.
collapse <- function(counts, minimum) {
  group <- integer(length(counts)); current <- 1; reached <- 0
  for (i in seq_along(counts)) {
    group[i] <- current; reached <- reached + counts[i]
    if (reached >= minimum) { current <- current + 1; reached <- 0 }
  }
  if (current > 1) group[group == current] <- current - 1
  group
}

# Everyone drawn in one municipality and wave, with cells, areas and the weight before calibration.
prepared <- function(code, wave) {
  people <- drawn[drawn$wave == wave & drawn$municipality_code == code, ]
  people$calcell <- NA_character_
  for (sex in c("woman", "man")) {
    counts <- sapply(bands, function(b) sum(people$legal_gender == sex & people$age_group == b & people$responded == "1"))
    stopifnot(sum(counts) > 0)
    group <- collapse(counts, 5)
    for (g in unique(group)) {
      inside <- bands[group == g]
      first <- strsplit(inside[1], "-")[[1]][1]; last <- tail(strsplit(tail(inside, 1), "-")[[1]], 1)
      people$calcell[people$legal_gender == sex & people$age_group %in% inside] <- paste0(code, ":", sex, ":", first, "-", last)
    }
  }
  mine <- strata[strata$wave == wave & strata$municipality_code == code, ]
  answered <- sapply(mine$stratum, function(s) sum(people$stratum == s & people$responded == "1"))
  people$calarea <- paste0(code, "-c", collapse(answered, 10))[match(people$stratum, mine$stratum)]
  people$design_weight <- people$population / people$sampled
  took_part <- people$responded == "1"
  adjustment <- tapply(people$design_weight, people$calcell, sum) /
    tapply(people$design_weight[took_part], people$calcell[took_part], sum)
  people$nonresponse_weight <- people$design_weight * as.numeric(adjustment[people$calcell])
  people
}

# Population of each calibration cell and area.
margins <- function(people, code, wave) {
  known <- totals[totals$wave == wave & totals$municipality_code == code, ]
  cell <- unique(people[c("legal_gender", "age_group", "calcell")])
  found <- merge(known, cell, by = c("legal_gender", "age_group"), all.x = TRUE)
  # Bands in which nobody was drawn belong to a cell all the same: the one whose ages hold them.
  for (i in which(is.na(found$calcell))) {
    names <- unique(people$calcell[people$legal_gender == found$legal_gender[i]])
    ages <- do.call(rbind, strsplit(sub(".*:", "", names), "-"))
    low <- as.numeric(strsplit(found$age_group[i], "-")[[1]][1])
    found$calcell[i] <- names[as.numeric(ages[, 1]) <= low & low <= as.numeric(ages[, 2])]
  }
  area <- unique(people[c("area", "calarea")])
  found <- merge(found, area, by = "area", all.x = TRUE)
  stopifnot(!anyNA(found$calarea))
  list(cell = tapply(found$population, found$calcell, sum), area = tapply(found$population, found$calarea, sum))
}

# Numeric columns x1, x2, ... that span margins A and B, and their totals.
columns <- function(people, known, shares = NULL) {
  A <- if (is.null(shares)) sapply(names(known$cell), function(g) as.numeric(people$calcell == g)) else shares
  B <- sapply(names(known$area)[-1], function(g) as.numeric(people$calarea == g))
  X <- cbind(A, if (length(known$area) > 1) B)
  colnames(X) <- NULL
  list(X = X, totals = c(known$cell, known$area[-1]))
}

calibrated <- function(design, spanned, calfun, bounds = c(-Inf, Inf)) {
  k <- ncol(spanned$X)
  for (i in seq_len(k)) design$variables[[paste0("x", i)]] <- spanned$X[, i]
  names <- paste0("x", seq_len(k))
  formula <- as.formula(paste("~ 0 +", paste(names, collapse = " + ")))
  done <- calibrate(design, formula, setNames(spanned$totals, names), calfun = calfun, bounds = bounds,
                    epsilon = 1e-12, maxit = 500)
  done
}

# Weights, or missing where no weights within the bounds meet the margins.
weights_if_any <- function(...) {
  tryCatch(as.numeric(weights(suppressWarnings(calibrated(...)))), error = function(reason) NA_real_)
}

shares_of <- function(people, known) {
  sapply(names(known$cell), function(g) {
    parts <- strsplit(g, ":")[[1]]; ages <- as.numeric(strsplit(parts[3], "-")[[1]])
    low <- as.numeric(sub("-.*", "", people$age_group))
    own <- ifelse(people$gender %in% c("woman", "man"), as.numeric(people$gender == parts[2]), 0.5)
    own * (low >= ages[1] & low <= ages[2])
  })
}

# Standard error with final weights and residuals divided by the root of 1 - leverage, written out.
leverage_se <- function(people, X, w, y, inside) {
  total <- sum(w[inside]); p <- sum((w * y)[inside]) / total
  u <- ifelse(inside, (y - p) / total, 0)
  inverse <- MASS::ginv(crossprod(X * w, X))
  e <- u - X %*% (inverse %*% crossprod(X * w, u))
  h <- pmin(w * rowSums((X %*% inverse) * X), 0.9)
  z <- as.numeric(w * e / sqrt(1 - h))
  sqrt(sum(sapply(split(seq_along(z), people$stratum), function(rows) {
    r <- length(rows); open <- 1 - r / people$population[rows[1]]
    if (r > 1) open * r * var(z[rows]) else open * z[rows]^2
  })))
}

domains_of <- function(people, geography) {
  ages <- bands
  found <- list(list("all", "all", rep(TRUE, nrow(people))))
  for (g in c("woman", "man", "other", "undisclosed")) found <- c(found, list(list(g, "all", people$gender == g)))
  for (a in ages) found <- c(found, list(list("all", a, people$age_group == a)))
  if (geography != "area") for (g in c("woman", "man")) for (a in ages)
    found <- c(found, list(list(g, a, people$gender == g & people$age_group == a)))
  Filter(function(domain) any(domain[[3]]), found)
}

variables_of <- function(people, headline = FALSE) {
  found <- list()
  for (i in seq_len(nrow(indicators))) {
    one <- indicators[i, ]; raw <- people[[one$item]]; levels <- strsplit(one$levels, " ")[[1]]
    answered <- raw %in% levels
    if (one$type == "binary") {
      found <- c(found, list(list(one$indicator, "proportion", ifelse(answered, as.numeric(raw == one$yes), 0), answered)))
    } else {
      found <- c(found, list(list(one$indicator, "mean", ifelse(answered, suppressWarnings(as.numeric(raw)), 0), answered)))
      if (!headline) for (level in levels)
        found <- c(found, list(list(one$indicator, paste0("p", level), ifelse(answered, as.numeric(raw == level), 0), answered)))
    }
  }
  found
}

intervals <- function(m, p, se, n, df, share) {
  t <- qt(0.975, max(df, 1))
  out <- c(wald_lower = p - t * se, wald_upper = p + t * se, logit_lower = NA, logit_upper = NA, kg_lower = NA, kg_upper = NA)
  if (!share || p < 1e-12 || p > 1 - 1e-12) return(out)
  if (se > 0) {
    names(m) <- "p"
    scale <- svycontrast(m, quote(log(p / (1 - p))))
    out[3:4] <- plogis(as.numeric(coef(scale)) + c(-1, 1) * t * as.numeric(SE(scale)))
  } else out[3:4] <- p
  size <- p * (1 - p) / se^2 * (qt(0.975, max(n - 1, 1)) / t)^2
  if (is.finite(size)) out[5:6] <- c(qbeta(0.025, p * size, (1 - p) * size + 1), qbeta(0.975, p * size + 1, (1 - p) * size))
  out
}

estimates_of <- function(design, wave, geography, code, inside = rep(TRUE, nrow(design$variables))) {
  people <- design$variables; w <- weights(design); rows <- list()
  variables <- variables_of(people)
  for (domain in domains_of(people[inside, ], geography)) {
    mask <- inside; mask[inside] <- domain[[3]]
    df <- sum(mask) - length(unique(people$stratum[mask]))
    for (variable in variables) {
      among <- mask & variable[[4]]; n <- sum(among)
      head <- list(wave, geography, code, domain[[1]], domain[[2]], variable[[1]], variable[[2]], n)
      if (n == 0) {
        if (!grepl("^p[0-9]", variable[[2]])) rows <- c(rows, list(c(head, list(0, NA, NA, df), rep(NA, 6))))
        next
      }
      design$variables$y <- variable[[3]]
      m <- svymean(~y, design[among, ])
      p <- as.numeric(coef(m)); se <- as.numeric(SE(m)); if (se < 1e-7) se <- 0
      rows <- c(rows, list(c(head, list(sum(w[among]), p, se, df), as.list(intervals(m, p, se, n, df, variable[[2]] != "mean")))))
    }
  }
  frame <- as.data.frame(do.call(rbind, lapply(rows, unlist)), stringsAsFactors = FALSE)
  names(frame) <- c("wave", "geography", "code", "gender", "age_group", "indicator", "statistic", "n", "population", "estimate",
                    "se", "df", "wald_lower", "wald_upper", "logit_lower", "logit_upper", "kg_lower", "kg_upper")
  frame
}

gaps_of <- function(design, wave, code) {
  people <- design$variables; rows <- list()
  for (variable in variables_of(people, headline = TRUE)) {
    among <- variable[[4]] & people$gender %in% c("woman", "man")
    if (!any(among & people$gender == "woman") || !any(among & people$gender == "man")) next
    for (g in c("woman", "man")) {
      design$variables[[paste0("m_", g)]] <- as.numeric(among & people$gender == g)
      design$variables[[paste0("y_", g)]] <- variable[[3]] * design$variables[[paste0("m_", g)]]
    }
    both <- svyratio(~y_woman + y_man, ~m_woman + m_man, design, covmat = TRUE)
    gap <- svycontrast(both, c("y_woman/m_woman" = 1, "y_man/m_man" = -1))
    rows <- c(rows, list(data.frame(wave = wave, geography = "municipality", code = code, indicator = variable[[1]],
      gap = as.numeric(coef(gap)), se = as.numeric(SE(gap)), cov = vcov(both)["y_woman/m_woman", "y_man/m_man"])))
  }
  do.call(rbind, rows)
}

variants_of <- function(base, cal, spanned, known, wave, code) {
  people <- base$variables; w <- as.numeric(weights(cal))
  frequencies <- function(name, total) setNames(data.frame(names(total), as.numeric(total)), c(name, "Freq"))
  cell <- frequencies("calcell", known$cell)
  raked <- if (length(known$area) == 1) postStratify(base, ~calcell, cell) else {
    rake(base, list(~calcell, ~calarea), list(cell, frequencies("calarea", known$area)), control = list(maxit = 5000, epsilon = 1e-12))
  }
  people$w <- w
  fixed <- svydesign(ids = ~1, strata = ~stratum, weights = ~w, fpc = ~population, data = people)
  again <- calibrated(fixed, spanned, "linear")
  rows <- list()
  for (variable in variables_of(people, headline = TRUE)) {
    among <- variable[[4]]; if (!any(among)) next
    se <- function(design) { design$variables$y <- variable[[3]]; as.numeric(SE(svymean(~y, design[among, ]))) }
    dropped <- fixed; dropped$variables$y <- variable[[3]]
    rows <- c(rows, list(data.frame(wave = wave, municipality_code = code, indicator = variable[[1]], n = sum(among),
      estimate = sum((w * variable[[3]])[among]) / sum(w[among]), se_calibrate_d = se(cal), se_rake = se(raked),
      se_calibrate_w = se(again), se_weights_fixed = as.numeric(SE(svymean(~y, subset(dropped, among)))),
      se_leverage_w = leverage_se(people, spanned$X, w, variable[[3]], among))))
  }
  do.call(rbind, rows)
}

made <- list(weights = list(), estimates = list(), gaps = list(), variants = list(), summary = list())
keep <- function(name, table) made[[name]] <<- c(made[[name]], list(table))
design_of <- function(people) {
  svydesign(ids = ~1, strata = ~stratum, weights = ~nonresponse_weight, fpc = ~population, data = people)
}
for (wave in sort(unique(strata$wave))) {
  everyone <- list(); spans <- list()
  for (code in unique(strata$municipality_code[strata$wave == wave])) {
    people <- prepared(code, wave)
    known <- margins(people, code, wave)
    people <- merge(people, responses, by = c("wave", "case_id"), sort = FALSE)
    base <- design_of(people); spanned <- columns(people, known)
    cal <- calibrated(base, spanned, "raking"); w <- as.numeric(weights(cal))
    post <- postStratify(base, ~calcell, data.frame(calcell = names(known$cell), Freq = as.numeric(known$cell)))
    keep("weights", data.frame(wave = wave, case_id = people$case_id, municipality_code = code, stratum = people$stratum,
      calcell = people$calcell, calarea = people$calarea, design_weight = people$design_weight,
      nonresponse_weight = people$nonresponse_weight, weight_raking = w, weight_poststratification = as.numeric(weights(post)),
      weight_linear = as.numeric(weights(calibrated(base, spanned, "linear"))),
      weight_logit = weights_if_any(base, spanned, "logit", c(0.2, 5)),
      weight_split_gender = weights_if_any(base, columns(people, known, shares_of(people, known)), "raking"),
      weight_trimmed = as.numeric(weights(trimWeights(cal, upper = 3 * median(w), strict = FALSE)))))
    keep("summary", data.frame(wave = wave, municipality_code = code, r = length(w), sum_w = sum(w), min_w = min(w), max_w = max(w),
      cv2 = var(w) / mean(w)^2, deff_kish = length(w) * sum(w^2) / sum(w)^2, n_eff = sum(w)^2 / sum(w^2)))
    keep("estimates", estimates_of(cal, wave, "municipality", code))
    for (area in unique(people$stratum)) keep("estimates", estimates_of(cal, wave, "area", area, people$stratum == area))
    keep("gaps", gaps_of(cal, wave, code))
    keep("variants", variants_of(base, cal, spanned, known, wave, code))
    everyone <- c(everyone, list(people)); spans <- c(spans, list(spanned))
  }
  people <- do.call(rbind, everyone)
  X <- matrix(0, nrow(people), sum(sapply(spans, function(s) ncol(s$X)))); row <- 0; column <- 0
  for (s in spans) {
    X[row + seq_len(nrow(s$X)), column + seq_len(ncol(s$X))] <- s$X
    row <- row + nrow(s$X); column <- column + ncol(s$X)
  }
  whole <- calibrated(design_of(people), list(X = X, totals = unlist(lapply(spans, function(s) s$totals))), "raking")
  keep("estimates", estimates_of(whole, wave, "all", "all"))
}

estimates <- do.call(rbind, made$estimates)
for (name in names(estimates)[8:18]) estimates[[name]] <- as.numeric(estimates[[name]])
gaps <- do.call(rbind, made$gaps)

# The change from the wave before the last to the last.
waves <- tail(sort(unique(estimates$wave)), 2)
keys <- c("geography", "code", "gender", "age_group", "indicator", "statistic")
changes <- data.frame()
if (length(waves) == 2) {
  both <- merge(estimates[estimates$wave == waves[2], ], estimates[estimates$wave == waves[1], ], by = keys, suffixes = c("", "_previous"))
  both$change <- both$estimate - both$estimate_previous
  both$se <- sqrt(both$se^2 + both$se_previous^2)
  both$df <- both$df + both$df_previous
  t <- qt(0.975, pmax(both$df, 1))
  both$p <- ifelse(both$se > 0, 2 * pt(-abs(both$change / both$se), pmax(both$df, 1)), NA)
  both$lower <- both$change - t * both$se; both$upper <- both$change + t * both$se
  kind <- paste(both$gender != "all", both$age_group != "all")
  member <- both$statistic %in% c("proportion", "mean") & !is.na(both$p)
  family <- paste(both$geography, both$code, kind)
  both$p_bh <- both$p_holm <- NA_real_
  for (one in unique(family[member])) {
    rows <- member & family == one
    both$p_bh[rows] <- p.adjust(both$p[rows], "BH"); both$p_holm[rows] <- p.adjust(both$p[rows], "holm")
  }
  changes <- both[c(keys, "n", "n_previous", "change", "se", "df", "p", "p_bh", "p_holm", "lower", "upper")]
  pair <- merge(gaps[gaps$wave == waves[1], -1], gaps[gaps$wave == waves[2], -1], by = keys[c(1, 2, 5)], suffixes = c("_previous", ""))
  pair$change <- pair$gap - pair$gap_previous
  pair$se_change <- sqrt(pair$se^2 + pair$se_previous^2)
  pair$p_norm <- 2 * pnorm(-abs(pair$change / pair$se_change))
  gaps <- pair
}

dir.create(folders[2], showWarnings = FALSE, recursive = TRUE)
write_table <- function(name, table) {
  for (column in names(table)) if (is.numeric(table[[column]])) table[[column]] <- number(table[[column]])
  stream <- gzfile(file.path(folders[2], paste0(name, ".csv.gz")), "w", compression = 9)
  write.csv(table, stream, row.names = FALSE, na = "", quote = FALSE)
  close(stream)
}
write_table("weights", do.call(rbind, made$weights))
write_table("estimates", estimates)
write_table("se_variants", do.call(rbind, made$variants))
write_table("weight_summary", do.call(rbind, made$summary))
write_table("gender_gaps", gaps)
if (nrow(changes)) write_table("changes", changes)
