"""A second implementation of the mixed model, straight from the formulas and slow: dense n × n.

The restricted likelihood with its derivatives, and Kenward and Roger's (1997) tests, written
down as published, without blocks and without any use of the package.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Design:
    """Response, fixed effects and the levels of each random term."""

    y: np.ndarray
    x: np.ndarray
    groups: list[np.ndarray]

    @property
    def derivatives(self) -> list[np.ndarray]:
        """Derivatives of the covariance in the components."""
        same = [(codes[:, None] == codes[None, :]).astype(float) for codes in self.groups]
        return [*same, np.eye(len(self.y))]


def random_design(seed: int, *, terms: int = 2) -> Design:
    """Unbalanced crossed data: 15 to 40 rows, up to three fixed effects, with a nested term."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(15, 40))
    drawn = [rng.integers(0, rng.integers(3, 7), n) for _ in range(terms)]
    groups = [np.unique(codes, return_inverse=True)[1] for codes in drawn]
    if seed % 2:
        groups.append(np.unique(groups[0] * 100 + groups[-1], return_inverse=True)[1])
    x = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.normal(size=n)])
    spread = rng.uniform(0, 2, len(groups))
    effects = [s * rng.normal(size=g.max() + 1)[g] for s, g in zip(spread, groups, strict=True)]
    return Design(rng.normal(size=n) + sum(effects), x[:, : 1 + seed % 3], groups)


def covariance(design: Design, components: np.ndarray) -> np.ndarray:
    return sum(c * d for c, d in zip(components, design.derivatives, strict=True))


def log_likelihood(design: Design, components: np.ndarray) -> float:
    """Restricted, without the term of X'X."""
    y, x = design.y, design.x
    v = covariance(design, components)
    weight = np.linalg.inv(v)
    information = x.T @ weight @ x
    errors = y - x @ np.linalg.solve(information, x.T @ weight @ y)
    determinants = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
    constant = (len(y) - x.shape[1]) * np.log(2 * np.pi)
    return -0.5 * (constant + determinants + errors @ weight @ errors)


def projection(design: Design, components: np.ndarray) -> np.ndarray:
    """P = V⁻¹ - V⁻¹X(X'V⁻¹X)⁻¹X'V⁻¹."""
    weight, x = np.linalg.inv(covariance(design, components)), design.x
    return weight - weight @ x @ np.linalg.inv(x.T @ weight @ x) @ x.T @ weight


def gradient(design: Design, components: np.ndarray) -> np.ndarray:
    p, y = projection(design, components), design.y
    return np.array([(y @ p @ d @ p @ y - np.trace(p @ d)) / 2 for d in design.derivatives])


def information(design: Design, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected and observed information on the components."""
    p, y, parts = projection(design, components), design.y, design.derivatives
    expected = np.array([[np.trace(p @ a @ p @ b) / 2 for b in parts] for a in parts])
    squares = np.array([[y @ p @ a @ p @ b @ p @ y for b in parts] for a in parts])
    return expected, squares - expected


def random_effects(design: Design, components: np.ndarray) -> np.ndarray:
    """Best linear unbiased predictions of all levels, one term after the other."""
    errors = projection(design, components) @ design.y
    levels = [np.eye(codes.max() + 1)[:, codes] for codes in design.groups]
    return np.concatenate([c * z @ errors for c, z in zip(components[:-1], levels, strict=True)])


@dataclass(frozen=True)
class KenwardRoger:
    """Phi, its corrected form, and P_i, W of the paper."""

    phi: np.ndarray
    corrected: np.ndarray
    slopes: list[np.ndarray]
    of_components: np.ndarray
    estimates: np.ndarray

    def f_test(self, rows: np.ndarray) -> tuple[float, float]:
        """F and its denominator degrees of freedom: section 3 of the paper."""
        q = len(rows)
        theta = rows.T @ np.linalg.solve(rows @ self.phi @ rows.T, rows)
        parts = [theta @ self.phi @ slope @ self.phi for slope in self.slopes]
        w, k = self.of_components, range(len(parts))
        a1 = sum(w[i, j] * np.trace(parts[i]) * np.trace(parts[j]) for i in k for j in k)
        a2 = sum(w[i, j] * np.trace(parts[i] @ parts[j]) for i in k for j in k)
        b = (a1 + 6 * a2) / (2 * q)
        g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
        c1, c2, c3 = np.array([g, q - g, q + 2 - g]) / (3 * q + 2 * (1 - g))
        mean = 1 / (1 - a2 / q)
        variance = 2 / q * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
        rho = variance / (2 * mean**2)
        df = 4 + (q + 2) / (q * rho - 1)
        scale = df / (mean * (df - 2))
        found = rows @ self.estimates
        wald = found @ np.linalg.solve(rows @ self.corrected @ rows.T, found) / q
        return float(scale * wald), float(df)


def kenward_roger(design: Design, components: np.ndarray) -> KenwardRoger:
    weight, x = np.linalg.inv(covariance(design, components)), design.x
    phi = np.linalg.inv(x.T @ weight @ x)
    parts = design.derivatives
    slopes = [-x.T @ weight @ d @ weight @ x for d in parts]
    w = np.linalg.inv(information(design, components)[0])
    bias = np.zeros_like(phi)
    for i, first in enumerate(parts):
        for j, second in enumerate(parts):
            curve = x.T @ weight @ first @ weight @ second @ weight @ x
            bias = bias + w[i, j] * (curve - slopes[i] @ phi @ slopes[j])
    estimates = phi @ x.T @ weight @ design.y
    return KenwardRoger(phi, phi + 2 * phi @ bias @ phi, slopes, w, estimates)
