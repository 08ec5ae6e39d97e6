"""Noise that is a function of seed and time, so that any window can be computed without any other.

A counter-based generator: sample = hash(seed + counter). The hash is the finaliser of SplitMix64
(Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

import hashlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_LANES = 3
_LANE_MASK = np.uint64(0xFFFF)
# A sum of three uniforms on [-0.5, 0.5) has variance 3/12; its extremes stay within 3 deviations.
_BELL_SCALE = float(np.sqrt(12.0 / _LANES))
# Mean over one interval of s² + (1-s)² with the smoothstep s(u) = 3u² - 2u³ is 26/35.
_SMOOTHSTEP_SCALE = float(np.sqrt(35.0 / 26.0))


def seed_of(*parts: str) -> np.uint64:
    digest = hashlib.blake2b("/".join(parts).encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))


def white(seed: np.uint64, counters: Times) -> Floats:
    """Bell-shaped noise of unit variance, bounded to ±3, independent between counters."""
    mixed = _mix(seed, counters)
    total = np.zeros(counters.shape, dtype=np.float64)
    for lane in range(_LANES):
        total += ((mixed >> np.uint64(16 * lane)) & _LANE_MASK).astype(np.float64)
    return (total / 65536.0 - _LANES / 2) * _BELL_SCALE


def band_limited(seed: np.uint64, times: Times, spacing_seconds: float) -> Floats:
    """Smooth noise of unit variance with little power above 1 / (2 · spacing_seconds) hertz.

    White noise on a lattice of `spacing_seconds`, joined by a smoothstep.
    """
    position = times / (1000.0 * spacing_seconds)
    index = np.floor(position).astype(np.int64)
    fraction = position - index
    weight = fraction * fraction * (3.0 - 2.0 * fraction)
    left, right = white(seed, index), white(seed, index + 1)
    return (left + (right - left) * weight) * _SMOOTHSTEP_SCALE


def phase_of(*parts: str) -> float:
    """A fixed angle in [0, 2π) for a name."""
    return float(seed_of(*parts)) / 2.0**64 * 2.0 * float(np.pi)


def _mix(seed: np.uint64, counters: Times) -> npt.NDArray[np.uint64]:
    state = counters.astype(np.uint64) * _GOLDEN + seed
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))
