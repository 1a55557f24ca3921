"""The random share is random, the same everywhere, and stays in front until it is read."""

import random as standard_random

from scipy.stats import chisquare

from inference.learning.audit import in_audit, random_order, random_share

KEYS = [f"case-{index}" for index in range(200)]


def test_the_order_of_the_keys_does_not_matter() -> None:
    shuffled = standard_random.Random(1).sample(KEYS, len(KEYS))
    drawn = [KEYS[index] for index in random_order(KEYS, seed="a")]
    assert [shuffled[index] for index in random_order(shuffled, seed="a")] == drawn
    assert [KEYS[index] for index in random_order(KEYS, seed="b")] != drawn


def test_who_belongs_to_the_audit_is_settled_by_the_key() -> None:
    belongs = in_audit(KEYS, seed="a", share=0.3)
    assert in_audit(KEYS[5:7], seed="a", share=0.3) == belongs[5:7]
    assert 40 <= sum(belongs) <= 80
    wider = in_audit(KEYS, seed="a", share=0.6)
    assert all(wide for narrow, wide in zip(belongs, wider, strict=True) if narrow)
    assert all(in_audit(KEYS, seed="a", share=1))
    assert not any(in_audit(KEYS, seed="a", share=0))


def test_who_was_drawn_and_not_read_is_drawn_again() -> None:
    drawn = [KEYS[index] for index in random_order(KEYS, seed="a")[:20]]
    left = [key for key in KEYS if key not in drawn[:5]]
    again = [left[index] for index in random_order(left, seed="a")[:15]]
    assert again == drawn[5:]


def test_every_key_is_drawn_equally_often() -> None:
    """A wrong draw fails this: over 2,000 seeds each of 20 keys is first about 100 times."""
    keys = KEYS[:20]
    first = [random_order(keys, seed=str(seed))[0] for seed in range(2000)]
    counts = [first.count(index) for index in range(20)]
    assert chisquare(counts).pvalue > 1e-4


def test_a_share_is_evenly_spread_and_independent_of_the_order() -> None:
    shares = [random_share(key, seed="a") for key in KEYS]
    assert 0 <= min(shares) < max(shares) < 1
    tenths = [sum(int(share * 10) == tenth for share in shares) for tenth in range(10)]
    assert chisquare(tenths).pvalue > 1e-4
    drawn = random_order(KEYS, seed="a")[:100]
    assert 0.4 < sum(shares[index] for index in drawn) / 100 < 0.6
