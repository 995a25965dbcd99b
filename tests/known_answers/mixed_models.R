# Expected results of test_mixed_models_r.py, by R's lme4, lmerTest, pbkrtest, emmeans and mvtnorm.
# Run in this folder, `Rscript mixed_models.R` reads mixed_models.csv and writes mixed_models.json.
# The optimiser goes on until it cannot tell two points apart. The data are simulated once, with a
# fixed seed, from models like those below, and rounded to three decimals.

suppressMessages({
  library(lmerTest)
  library(pbkrtest)
  library(emmeans)
  library(mvtnorm)
  library(jsonlite)
})
options(contrasts = c("contr.treatment", "contr.poly"))

MODELS <- list(
  shared = y ~ arm + (1 | rep) + (1 | rep:arm),
  nested = y ~ arm + (1 | rep),
  split = y ~ genotype * arm + (1 | rep) + (1 | rep:arm),
  crossed = y ~ arm + (1 | plate) + (1 | culture),
  singular_balanced = y ~ arm + (1 | rep) + (1 | rep:arm),
  singular_unbalanced = y ~ arm + (1 | rep) + (1 | rep:arm),
  three_pairs = y ~ arm + (1 | rep) + (1 | rep:arm),
  covariate = y ~ arm * x + (1 | rep),
  fields = y ~ arm + (1 | culture) + (1 | culture:well)
)

rows <- read.csv("mixed_models.csv", stringsAsFactors = FALSE)

tight <- lmerControl(
  optimizer = "bobyqa", calc.derivs = TRUE,
  optCtrl = list(rhobeg = 0.1, rhoend = 1e-11, maxfun = 1e6),
  check.conv.singular = "ignore", check.conv.grad = "ignore", check.conv.hess = "ignore"
)

table_of <- function(frame, ...) {
  names <- c(...)
  out <- as.data.frame(frame)[, names(names), drop = FALSE]
  colnames(out) <- names
  rownames(out) <- NULL
  out
}

coefficients_of <- function(model, ddf) {
  found <- coef(summary(model, ddf = ddf))
  data.frame(
    term = rownames(found), estimate = found[, "Estimate"],
    standard_error = found[, "Std. Error"], df = found[, "df"], t = found[, "t value"],
    p_value = found[, "Pr(>|t|)"], row.names = NULL
  )
}

anova_of <- function(model, ddf, type) {
  found <- anova(model, ddf = ddf, type = type)
  data.frame(
    term = rownames(found), num_df = found$NumDF, den_df = found$DenDF,
    f = found[["F value"]], p_value = found[["Pr(>F)"]], row.names = NULL
  )
}

# The larger of two correlated t in absolute value, by quadrature over the scale and an exact
# bivariate normal: pmvt rounds degrees of freedom to whole ones and integrates at random.
square <- function(c, correlation) {
  below <- function(a, b) as.numeric(
    pmvnorm(upper = c(a, b), corr = correlation, algorithm = TVPACK(1e-15))
  )
  below(c, c) - below(-c, c) - below(c, -c) + below(-c, -c)
}

largest_t <- function(limit, correlation, df) {
  if (nrow(correlation) == 1) return(1 - 2 * pt(-limit, df))
  at <- function(u) square(limit * sqrt(qchisq(u, df) / df), correlation)
  integrate(Vectorize(at), 0, 1, rel.tol = 1e-11, subdivisions = 2000)$value
}

dunnett_of <- function(against) {
  found <- as.data.frame(against)
  correlation <- cov2cor(vcov(against))
  df <- min(found$df)
  sapply(abs(found$t.ratio), function(t) 1 - largest_t(t, correlation, df))
}

pairs_of <- function(means, adjust) {
  found <- as.data.frame(summary(
    contrast(means, "revpairwise"), infer = c(TRUE, TRUE), adjust = adjust
  ))
  table_of(
    found, contrast = "contrast", estimate = "estimate", SE = "standard_error", df = "df",
    lower.CL = "ci_low", upper.CL = "ci_high", t.ratio = "statistic", p.value = "p_adjusted"
  )
}

answers <- function(name) {
  data <- rows[rows$case == name, ]
  model <- lmer(MODELS[[name]], data, REML = TRUE, control = tight)
  components <- as.data.frame(VarCorr(model))
  means <- emmeans(model, "arm", lmer.df = "kenward-roger")
  against <- contrast(means, "trt.vs.ctrl1", adjust = "none")
  list(
    fixef = as.list(fixef(model)),
    components = as.list(setNames(components$vcov, components$grp)),
    log_likelihood = as.numeric(logLik(model)),
    gradient = max(abs(model@optinfo$derivs$gradient)),
    coefficients_kr = coefficients_of(model, "Kenward-Roger"),
    coefficients_satterthwaite = coefficients_of(model, "Satterthwaite"),
    anova_kr = anova_of(model, "Kenward-Roger", 3),
    anova_satterthwaite = anova_of(model, "Satterthwaite", 3),
    sequential_kr = anova_of(model, "Kenward-Roger", 1),
    means = table_of(
      as.data.frame(means), arm = "arm", emmean = "estimate", SE = "standard_error",
      df = "df", lower.CL = "ci_low", upper.CL = "ci_high"
    ),
    tukey = pairs_of(means, "tukey"),
    holm = pairs_of(means, "holm"),
    dunnett = I(dunnett_of(against)),
    random_effects = lapply(
      ranef(model), function(level) as.list(setNames(level[[1]], rownames(level)))
    )
  )
}

expected <- lapply(setNames(names(MODELS), names(MODELS)), answers)
versions <- lapply(
  setNames(nm = c("lme4", "lmerTest", "pbkrtest", "emmeans", "mvtnorm")),
  function(package) as.character(packageVersion(package))
)
versions$R <- paste(R.version$major, R.version$minor, sep = ".")
write_json(
  list(versions = versions, expected = expected), "mixed_models.json",
  digits = I(13), auto_unbox = TRUE, pretty = 1
)
