# The figures of tests/analysis/test_trends.py, with nothing but matrices: Rscript gls_trend.R
fit <- function(y, V, X) {
  W <- solve(V)
  C <- solve(t(X) %*% W %*% X)
  b <- C %*% t(X) %*% W %*% y
  r <- y - X %*% b
  q <- t(r) %*% W %*% r
  print(c(b, sqrt(diag(C)), q, pchisq(q, length(y) - ncol(X), lower.tail = FALSE)), digits = 15)
}
t <- c(2019, 2021, 2022, 2024, 2025) - 2025
y <- c(0.30, 0.33, 0.31, 0.37, 0.40)
V <- diag(c(.02, .025, .02, .03, .02)^2)
V[1, 2] <- V[2, 1] <- 0.0002
V[4, 5] <- V[5, 4] <- 0.0003
fit(y, V, cbind(1, t))             # straight
fit(y, V, cbind(1, t, -(t < -2)))  # with a step before 2024
p <- c(.05, .06, .055, .08, .09)
s <- c(.01, .012, .01, .015, .012) / (p * (1 - p))
fit(qlogis(p), diag(s^2), cbind(1, t))  # logit
