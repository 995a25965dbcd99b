"""Variance components by restricted maximum likelihood (REML).

Newton's method on the restricted likelihood (Patterson & Thompson 1971) in the variance
components themselves, with analytic first and second derivatives; where the observed
information is not positive, Fisher's scoring. A component either stays at or above zero, or may
go below it as long as the covariance of the data stays positive definite: in a balanced design
the estimates are then those of the analysis of variance, and its F tests are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assaykit.errors import DesignError, Problem
from assaykit.stats.distributions import Floats
from assaykit.stats.layout import Codes, Layout, lay_out

_STEPS = 100
_CLOSE = 1e-18  # what the next step would add to the likelihood
_NEAR = 1e-10  # the same, where rounding lets the likelihood rise no further
_NO_SPREAD = 1e-22  # share of the squares that is rounding
_ALIKE = 1e-12  # share of the information that is rounding
_DEPENDENT = 1e-9  # share of a column that is rounding
_VANISHED = 1e-8  # of the total variance: residuals that the random terms have eaten up
_HALVINGS = 40
_EDGE = 1e-8  # of the residual variance: a direction that hardly varies at all


@dataclass(frozen=True, eq=False)
class RemlFit:
    """A fitted model, with what tests of its fixed effects need.

    Parameters
    ----------
    coefficients
        Estimates of the fixed effects, shape (p,).
    covariance
        Their covariance as if the components were known, shape (p, p): ``Phi``.
    components
        Variance of each random term, then that of the residuals, shape (m,).
    slopes
        ``X'V⁻¹V_iV⁻¹X``, shape (m, p, p): how the information on the coefficients changes.
    curves
        ``X'V⁻¹V_iV⁻¹V_jV⁻¹X``, shape (m, m, p, p).
    expected, observed
        Information on the components, shape (m, m).
    log_likelihood
        Restricted log-likelihood, without the term of ``X'X`` (as R's lme4 gives it).
    random_effects
        Predictions (BLUP) of all levels of all terms, one after the other.
    converged
        Whether the last step was small enough.
    """

    coefficients: Floats
    covariance: Floats
    components: Floats
    slopes: Floats
    curves: Floats
    expected: Floats
    observed: Floats
    log_likelihood: float
    random_effects: Floats
    converged: bool


@dataclass(frozen=True, eq=False)
class _State:
    """Everything the likelihood and its derivatives are made of, at given components."""

    components: Floats
    inverse: Floats  # K⁻¹ of each block, (b, r, r)
    phi: Floats
    beta: Floats
    errors: Floats  # (b, r)
    outside_errors: Floats
    whole: float  # squares of the whitened response, before the fixed effects
    log_likelihood: float


def fit_reml(
    y: Floats,
    x: Floats,
    groups: Sequence[Codes],
    *,
    below_zero: bool = False,
    names: Sequence[str] = (),
) -> RemlFit:
    """Fit a model with random intercepts.

    Parameters
    ----------
    y
        Response, shape (n,).
    x
        Fixed effects, shape (n, p), of full column rank.
    groups
        The level of each row in each random term; none gives ordinary least squares.
    below_zero
        Whether components may be negative: for balanced designs. In others the likelihood may
        grow without bound there, and ``converged`` is then false.
    names
        What the random terms are called in messages.

    Raises
    ------
    DesignError
        No residual degrees of freedom, no spread that is left to the residuals, or random terms
        that the data cannot tell apart.

    Examples
    --------
    Two wells of each of three cultures: the components of the analysis of variance.

    >>> y = np.array([4.0, 6.0, 9.0, 11.0, 1.0, 1.5])
    >>> fit = fit_reml(y, np.ones((6, 1)), [np.array([0, 0, 1, 1, 2, 2])])
    >>> fit.coefficients.round(4).tolist(), fit.components.round(4).tolist()
    ([5.4167], [18.5833, 1.375])
    """
    if len(y) <= x.shape[1]:
        message = f"{len(y)} values for {x.shape[1]} means leave nothing to tell the spread from"
        raise DesignError([Problem("no_residual_df", message, remedy="Add biological replicates.")])
    layout = lay_out(y, x, groups)
    starts, scale = _starts(layout, names)
    tops = [_climb(layout, start, below_zero) for start in starts]
    state, converged = max(tops, key=lambda top: (top[1], top[0].log_likelihood))
    bounded = _pure(layout)[0] > 0 or state.components[-1] > _VANISHED * scale
    inside = not below_zero or not _at_edge(state)
    return _finished(layout, state, converged and bool(bounded) and inside)


def _at_edge(state: _State) -> bool:
    """Whether the covariance has all but ceased to be possible, in some direction of a block."""
    if not state.inverse.size:
        return False
    largest = float(np.linalg.eigvalsh(state.inverse).max())
    return bool(largest * state.components[-1] > 1 / _EDGE)


def _starts(layout: Layout, names: Sequence[str]) -> tuple[list[Floats], float]:
    """Where to start from, and the spread around ordinary least squares.

    Equal shares of the spread; with several random terms the likelihood may have several tops,
    so that all of the spread in the residuals is tried too.
    """
    count = len(layout.kernels) + 1
    ones = np.zeros(count)
    ones[-1] = 1.0
    plain = _state(layout, ones)
    squares = float(np.sum(plain.errors**2) + np.sum(plain.outside_errors**2))
    total = float(np.sum(layout.y**2) + np.sum(layout.outside_y**2))
    if squares <= _NO_SPREAD * total or squares == 0:
        message = "the values do not vary around their means"
        raise DesignError([Problem("no_spread", message, remedy="Look at how they were computed.")])
    if count > 1:
        _refuse_alike(layout, _derivatives(layout, plain).expected, names)
        _refuse_constant(layout, total)
    spread = squares / (layout.n - layout.x.shape[2])
    starts = [np.full(count, spread / count), spread * ones]
    return starts if count > 2 else starts[:1], spread


def _refuse_alike(layout: Layout, information: Floats, names: Sequence[str]) -> None:
    """Refuse components of which the data tell nothing, or no more than a sum or a difference."""
    own = np.diag(information)
    whole = np.append(np.sum(layout.kernels**2, axis=(1, 2, 3)), layout.n) / 2
    nothing = own <= 1e2 * _ALIKE * whole
    size = np.where(nothing, np.sqrt(whole), np.sqrt(np.abs(own)))
    shares, vectors = np.linalg.eigh(information / np.outer(size, size))
    if not nothing.any() and shares[0] > _ALIKE * np.max(whole / own):
        return
    called = [*(names or [f"random term {k}" for k in range(1, len(size))]), "the residual"]
    alike = [name for name, part in zip(called, vectors[:, 0], strict=True) if abs(part) > 0.05]
    message = f"the data cannot tell the spread of {' and '.join(alike)} apart"
    if nothing.any():
        message = f"the data tell nothing of the spread of {called[int(np.argmax(nothing))]}"
    remedy = "Leave one of them out, or add biological replicates."
    raise DesignError([Problem("alike_random_terms", message, remedy=remedy)])


def _pure(layout: Layout) -> tuple[int, float]:
    """Dimensions that neither fixed nor random effects explain, and the squares in them."""
    x, y = layout.outside_x, layout.outside_y
    left, size, _ = np.linalg.svd(x)
    whole = np.sqrt(np.sum(layout.x**2) + np.sum(x**2))
    rank = int(np.sum(size > _DEPENDENT * whole))
    inside = int(np.count_nonzero(layout.basis.any(axis=2)))
    return layout.n - inside - rank, float(np.sum((left[:, rank:].T @ y) ** 2))


def _refuse_constant(layout: Layout, total: float) -> None:
    dimensions, squares = _pure(layout)
    if dimensions and squares <= _NO_SPREAD * total:
        message = "the values do not vary within the finest random term"
        remedy = "Leave that term out: repeated wells with one value are one value."
        raise DesignError([Problem("no_residual_spread", message, remedy=remedy)])


def _state(layout: Layout, components: Floats) -> _State:
    """Estimate the fixed effects at given components.

    Raises ``LinAlgError`` where the covariance is not positive definite.
    """
    s, (blocks, r, p) = components[-1], layout.x.shape
    if s <= 0:
        raise np.linalg.LinAlgError
    covariance = np.tensordot(components[:-1], layout.kernels, 1) + s * np.eye(r)
    root = np.linalg.cholesky(covariance) if blocks else covariance
    half = np.linalg.inv(root) if blocks else root
    hx, hy = half @ layout.x, np.einsum("brs,bs->br", half, layout.y)
    flat = hx.reshape(-1, p)
    information = flat.T @ flat + layout.outside_x.T @ layout.outside_x / s
    phi = np.linalg.inv(information)
    phi = (phi + phi.T) / 2
    beta = phi @ (flat.T @ hy.ravel() + layout.outside_x.T @ layout.outside_y / s)
    errors, outside = layout.y - layout.x @ beta, layout.outside_y - layout.outside_x @ beta
    whitened = hy.ravel() - flat @ beta
    determinant = 2 * np.sum(np.log(np.diagonal(root, axis1=1, axis2=2))) if blocks else 0.0
    likelihood = -0.5 * (
        (layout.n - p) * np.log(2 * np.pi) + determinant + layout.outside_df * np.log(s)
        + np.linalg.slogdet(information)[1] + whitened @ whitened + outside @ outside / s
    )  # fmt: skip
    inverse = half.transpose(0, 2, 1) @ half
    whole = float(np.sum(hy**2) + np.sum(layout.outside_y**2) / s)
    return _State(components, inverse, phi, beta, errors, outside, whole, float(likelihood))


@dataclass(frozen=True, eq=False)
class _Derivatives:
    gradient: Floats
    expected: Floats
    observed: Floats
    slopes: Floats
    curves: Floats


def _derivatives(layout: Layout, state: _State) -> _Derivatives:
    """First and second derivatives of the restricted likelihood in the components."""
    s, inverse, phi = state.components[-1], state.inverse, state.phi
    blocks, r, p = layout.x.shape
    m = len(state.components)
    vk = np.concatenate([layout.kernels, np.broadcast_to(np.eye(r), (1, blocks, r, r))])
    kx = inverse @ layout.x
    hx = (vk @ kx).reshape(m, blocks * r, p)
    slopes = hx.transpose(0, 2, 1) @ kx.reshape(-1, p)
    khx = (inverse @ hx.reshape(m, blocks, r, p)).reshape(m, blocks * r, p)
    curves = np.einsum("ixp,jxq->ijpq", hx, khx, optimize=True)
    outside = layout.outside_x.T @ layout.outside_x
    slopes[-1] += outside / s**2
    curves[-1, -1] += outside / s**3
    kv = (inverse @ vk).reshape(m, -1)
    vkt = (inverse @ vk).transpose(0, 1, 3, 2).reshape(m, -1)
    traces = kv @ vkt.T
    traces[-1, -1] += layout.outside_df / s**2
    fs = phi @ slopes
    expected = 0.5 * (
        traces - 2 * np.tensordot(curves, phi, ([3, 2], [0, 1])) + np.einsum("ipq,jqp->ij", fs, fs)
    )
    ke = np.einsum("brs,bs->br", inverse, state.errors)
    f = np.einsum("ibrs,bs->ibr", vk, ke).reshape(m, -1)
    kf = np.einsum("brs,ibs->ibr", inverse, f.reshape(m, blocks, r)).reshape(m, -1)
    squares = f @ ke.ravel()
    products = f @ kf.T
    across = f @ kx.reshape(-1, p)
    squares[-1] += state.outside_errors @ state.outside_errors / s**2
    products[-1, -1] += state.outside_errors @ state.outside_errors / s**3
    across[-1] += layout.outside_x.T @ state.outside_errors / s**2
    trace = np.einsum("ibrr->i", (inverse @ vk))
    trace[-1] += layout.outside_df / s
    gradient = 0.5 * (squares - trace + np.einsum("ipp->i", fs))
    observed = products - across @ phi @ across.T - expected
    return _Derivatives(gradient, expected, observed, slopes, curves)


def _climb(layout: Layout, start: Floats, below_zero: bool) -> tuple[_State, bool]:
    """Newton's steps up the restricted likelihood, until there is nothing to gain."""
    state, gain = _state(layout, start), np.inf
    for _ in range(_STEPS):
        found = _derivatives(layout, state)
        free = np.ones(len(start), dtype=bool)
        if not below_zero:
            free[:-1] = (state.components[:-1] > 0) | (found.gradient[:-1] > 0)
        step = np.zeros(len(start))
        step[free] = _step(found, free)
        gain = float(abs(found.gradient @ step)) / 2
        before, state = state, _line_search(layout, state, step, below_zero)
        if gain <= _CLOSE or before is state:
            break
    return state, gain <= _NEAR


def _step(found: _Derivatives, free: np.typing.NDArray[np.bool_]) -> Floats:
    """The Newton step of the free components; Fisher's where the curvature is not that of a top."""
    gradient = found.gradient[free]
    observed = found.observed[np.ix_(free, free)]
    expected = found.expected[np.ix_(free, free)]
    try:
        np.linalg.cholesky(observed)
        return np.asarray(np.linalg.solve(observed, gradient))
    except np.linalg.LinAlgError:
        return _scoring_step(expected, gradient)


def _scoring_step(expected: Floats, gradient: Floats) -> Floats:
    """Fisher's step; no number where rounding has left nothing of the information."""
    own = np.diag(expected)
    if not (np.isfinite(expected).all() and (own > np.finfo(float).tiny).all()):
        return np.full(len(gradient), np.nan)
    size = np.sqrt(own)
    unit = expected / size / size[:, None]
    return np.asarray(np.linalg.lstsq(unit, gradient / size, rcond=1e-12)[0] / size)


def _line_search(layout: Layout, state: _State, step: Floats, below_zero: bool) -> _State:
    """The first of step, half a step, ... that does not lower the likelihood."""
    slack = 1e-13 * abs(state.log_likelihood) + 1e-15 * state.whole
    for _ in range(_HALVINGS if np.isfinite(step).all() else 0):
        wanted = state.components + step
        if not below_zero:
            wanted[:-1] = np.maximum(wanted[:-1], 0.0)
        try:
            moved = _state(layout, wanted)
            if moved.log_likelihood >= state.log_likelihood - slack:
                return moved
        except np.linalg.LinAlgError:
            pass
        step = step / 2
    return state


def _finished(layout: Layout, state: _State, converged: bool) -> RemlFit:
    found = _derivatives(layout, state)
    weighted = np.einsum("brs,bs->br", state.inverse, state.errors)
    levels = np.einsum("brq,br->bq", layout.basis, weighted)
    effects = levels[layout.places[:, 0], layout.places[:, 1]] * state.components[layout.terms]
    return RemlFit(
        state.beta, state.phi, state.components, found.slopes, found.curves, found.expected,
        found.observed, state.log_likelihood, effects, converged,
    )  # fmt: skip
