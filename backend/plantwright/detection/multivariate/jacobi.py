"""Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's cyclic method.

Golub, Van Loan, "Matrix Computations", 4th edition, 8.5 (Jacobi 1846). LAPACK is faster, but its last bits differ
from one processor to the next, and a finding has to be the same wherever it is derived again. Here only operations
occur that IEEE 754 rounds correctly.
"""

from math import sqrt

import numpy as np

from plantwright.detection.columns import Floats

_MOST_SWEEPS = 60
_SMALL = 1e-14


def eigen_decomposition(matrix: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, shape (n,), falling, and the eigenvectors as columns, shape (n, n).

    Each vector points to where its largest component (the first of equal ones) is positive.
    """
    rotated, vectors = matrix.copy(), np.eye(len(matrix))
    for _ in range(_MOST_SWEEPS):
        if _is_diagonal(rotated):
            break
        for row in range(len(matrix) - 1):
            for column in range(row + 1, len(matrix)):
                _rotate(rotated, vectors, row, column)
    values = rotated.diagonal().copy()
    order = np.argsort(-values, kind="stable")
    vectors = vectors[:, order]
    leading = np.argmax(np.abs(vectors), axis=0)
    signs = np.where(vectors[leading, np.arange(len(matrix))] < 0.0, -1.0, 1.0)
    return values[order], vectors * signs


def product(left: Floats, right: Floats) -> Floats:
    """Matrix product, summed column by column: the order of a library's sums is its own affair."""
    total = np.zeros((left.shape[0], right.shape[1]))
    for inner in range(left.shape[1]):
        total += left[:, inner, None] * right[inner]
    return total


def _is_diagonal(matrix: Floats) -> bool:
    off = np.abs(matrix - np.diag(matrix.diagonal()))
    return float(off.max(initial=0.0)) <= _SMALL * float(np.abs(matrix.diagonal()).max(initial=0.0))


def _rotate(matrix: Floats, vectors: Floats, p: int, q: int) -> None:
    """Make element (p, q) zero, in place."""
    off = float(matrix[p, q])
    if off == 0.0:
        return
    theta = (float(matrix[q, q]) - float(matrix[p, p])) / (2.0 * off)
    tangent = (1.0 if theta >= 0.0 else -1.0) / (abs(theta) + sqrt(theta * theta + 1.0))
    cosine = 1.0 / sqrt(tangent * tangent + 1.0)
    sine = tangent * cosine
    for first, second in ((matrix[:, p], matrix[:, q]), (matrix[p], matrix[q]), (vectors[:, p], vectors[:, q])):
        kept = first.copy()
        first[:] = cosine * kept - sine * second
        second[:] = sine * kept + cosine * second
    matrix[p, q] = matrix[q, p] = 0.0
