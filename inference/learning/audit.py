"""The random share: what is drawn without looking, so that the accuracy seen on it is true."""

import hashlib
from collections.abc import Sequence


def random_order(keys: Sequence[str], *, seed: str) -> list[int]:
    """Indices of ``keys`` in the order of a keyed hash: random, and the same on every machine.

    A key's place among others depends on nothing but the seed and the keys: neither on the order in
    which they are given nor on what is known of them.
    """
    return sorted(range(len(keys)), key=lambda index: _hash(f"{seed}:order", keys[index]))


def in_audit(keys: Sequence[str], *, seed: str, share: float) -> list[bool]:
    """Which keys the audit is drawn from: about ``share`` of them, for as long as the seed stays.

    Settled by the key alone. Were the audit drawn each night from what still waits, the cases that
    the model finds hard, which are read first, would be missing from it.
    """
    return [random_share(key, seed=f"{seed}:audit") < share for key in keys]


def random_share(key: str, *, seed: str) -> float:
    """A number from 0 to below 1 that belongs to a key and a seed."""
    return int(_hash(seed, key)[:13], 16) / 16**13


def _hash(seed: str, key: str) -> str:
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()
