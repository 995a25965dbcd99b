"""The data of a mixed model, turned so that the random effects fall into small blocks.

With random intercepts ``V = s·I + Σ v_k·Z_k·Z_k'``. Levels that never meet in a row fall into
separate blocks; within a block everything the random effects can explain lies in the range of
``Z``, which has few dimensions. In an orthonormal basis of that range ``V`` is a small matrix
for each block; in all other directions it is ``s``, whatever the random effects do. So a model
of ten thousand wells costs what its cultures cost, not what its wells cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assaykit.stats.distributions import Floats

Codes = NDArray[np.int64]
"""The level of each row, counted from 0."""

_RANK = 1e-10


@dataclass(frozen=True, eq=False)
class Layout:
    """Response and fixed effects in the blocks of the random effects, and outside of them.

    Parameters
    ----------
    x, y
        Fixed effects, shape (b, r, p), and response, shape (b, r), in the range of each block.
    kernels
        ``Z_k·Z_k'`` in that range, shape (k, b, r, r), one for each random term.
    basis
        From levels to the range, shape (b, r, q).
    outside_x, outside_y
        What is left outside the ranges, shapes (p + 1, p) and (p + 1,): as many rows as hold
        all its sums of squares and products.
    outside_df
        Dimensions outside the ranges that these rows stand for; less by those that fill up the
        blocks of lower rank, in which the covariance is ``s`` too.
    places
        Block and position of each level of all terms, shape (levels, 2).
    terms
        Number of the term of each level, shape (levels,).
    n
        Rows of the data.
    """

    x: Floats
    y: Floats
    kernels: Floats
    basis: Floats
    outside_x: Floats
    outside_y: Floats
    outside_df: int
    places: Codes
    terms: Codes
    n: int


def lay_out(y: Floats, x: Floats, groups: Sequence[Codes]) -> Layout:
    """Turn rows into blocks.

    Parameters
    ----------
    y, x
        Response, shape (n,), and fixed effects, shape (n, p).
    groups
        The level of each row in each random term.

    Examples
    --------
    >>> y, x = np.array([1.0, 3.0, 2.0, 6.0]), np.ones((4, 1))
    >>> layout = lay_out(y, x, [np.array([0, 0, 1, 1])])
    >>> layout.x.shape, layout.kernels.ravel().round(6).tolist(), layout.outside_df
    ((2, 1, 1), [2.0, 2.0], 2)
    """
    data = np.column_stack([x, y])
    p = x.shape[1]
    if not groups:
        return _without_random(data, p)
    z, terms = _indicators(groups)
    gram = (z.T @ z).tocoo()
    places, blocks, width = _places(gram)
    block_gram = np.zeros((blocks, width, width))
    block_gram[places[gram.row, 0], places[gram.row, 1], places[gram.col, 1]] = gram.data
    block_data = np.zeros((blocks, width, p + 1))
    block_data[places[:, 0], places[:, 1]] = z.T @ data
    basis, turned, solved = _range(block_gram, block_data)
    outside = _triangle(data - z @ solved[places[:, 0], places[:, 1]])
    kinds = np.full((blocks, width), -1)
    kinds[places[:, 0], places[:, 1]] = terms
    parts = [np.where((kinds == k)[:, None, :], basis, 0.0) for k in range(len(groups))]
    kernels = np.array([part @ part.transpose(0, 2, 1) for part in parts])
    return Layout(
        turned[..., :p], turned[..., p], kernels, basis, outside[:, :p], outside[:, p],
        len(y) - basis.shape[0] * basis.shape[1], places, terms, len(y),
    )  # fmt: skip


def _without_random(data: Floats, p: int) -> Layout:
    outside, n = _triangle(data), len(data)
    none = np.zeros((0, 0))
    return Layout(
        np.zeros((0, 0, p)), none, np.zeros((0, 0, 0, 0)), np.zeros((0, 0, 0)),
        outside[:, :p], outside[:, p], n,
        np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64), n,
    )  # fmt: skip


def _indicators(groups: Sequence[Codes]) -> tuple[Any, Codes]:
    """The sparse matrix of all levels of all terms, and the term of each level."""
    from scipy.sparse import csr_matrix

    sizes = [int(codes.max()) + 1 for codes in groups]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    n, k = len(groups[0]), len(groups)
    columns = np.stack([codes + start for codes, start in zip(groups, starts, strict=True)], axis=1)
    pointer = np.arange(0, n * k + 1, k)
    matrix = csr_matrix((np.ones(n * k), columns.ravel(), pointer), shape=(n, sum(sizes)))
    return matrix, np.repeat(np.arange(k), sizes)


def _places(gram: Any) -> tuple[Codes, int, int]:
    """Block and position of each level; how many blocks there are and how wide they are."""
    from scipy.sparse.csgraph import connected_components

    blocks, block = connected_components(gram, directed=False)
    order = np.argsort(block, kind="stable")
    counts = np.bincount(block, minlength=blocks)
    firsts = np.repeat(np.cumsum(counts) - counts, counts)
    position = np.empty(len(block), dtype=np.int64)
    position[order] = np.arange(len(block)) - firsts
    return np.stack([block, position], axis=1).astype(np.int64), blocks, int(counts.max())


def _range(gram: Floats, data: Floats) -> tuple[Floats, Floats, Floats]:
    """An orthonormal basis of each block's range.

    Returns it as map from levels, shape (b, r, q), the data in it, shape (b, r, p + 1), and the
    levels' least-squares coefficients, shape (b, q, p + 1).
    """
    size, vectors = np.linalg.eigh(gram)
    size, vectors = size[:, ::-1], vectors[:, :, ::-1]
    kept = size > _RANK * size[:, :1]
    rank = int(kept.sum(axis=1).max())
    size, vectors, kept = size[:, :rank], vectors[:, :, :rank], kept[:, :rank]
    root = np.sqrt(np.where(kept, size, 1.0))
    inverse = np.where(kept, 1 / root, 0.0)
    across = vectors.transpose(0, 2, 1)
    basis = np.where(kept, root, 0.0)[:, :, None] * across
    turned = inverse[:, :, None] * (across @ data)
    return basis, turned, vectors @ (inverse[:, :, None] * turned)


def _triangle(rows: Floats) -> Floats:
    """At most as many rows as columns, with the same sums of squares and products."""
    short = np.zeros((rows.shape[1], rows.shape[1]))
    triangle = np.linalg.qr(rows, mode="r")
    short[: len(triangle)] = triangle
    return short
