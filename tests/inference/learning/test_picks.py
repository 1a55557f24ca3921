"""The list of picks: ordered, each once, with reasons, the same for the same seed."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.learning.audit import in_audit, random_order
from inference.learning.candidates import Candidates, Labelled, centred
from inference.learning.diversity import nearest_product
from inference.learning.picks import MIXTURE, Pick, Reason, Strategy, pick_cases
from inference.learning.uncertainty import class_weights, weighted_entropy
from tests.inference.learning.pools import CLASSES, candidates, labelled

strategies = st.sampled_from(list(Strategy))


def rows_of(pool: Candidates, rows: list[int]) -> Candidates:
    return Candidates(
        keys=[pool.keys[row] for row in rows],
        probabilities=pool.probabilities[rows],
        features=pool.features[rows],
        subgroups=[pool.subgroups[row] for row in rows],
    )


def picks(waiting: Candidates, known: Labelled, strategy: Strategy, count: int) -> list[Pick]:
    return pick_cases(waiting, known, strategy=strategy, count=count, seed="s")


@given(
    strategy=strategies,
    waiting=st.integers(0, 40),
    known=st.integers(0, 30),
    count=st.integers(0, 50),
    share=st.sampled_from([0.0, 0.1, 0.35, 1.0]),
    seed=st.text(max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_as_many_as_were_asked_for_each_once_and_in_order(
    strategy: Strategy, waiting: int, known: int, count: int, share: float, seed: str
) -> None:
    pool, answered = candidates(waiting), labelled(known)
    chosen = pick_cases(
        pool, answered, strategy=strategy, count=count, seed=seed, audit_share=share
    )
    assert len(chosen) == min(count, waiting)  # all of them teach
    assert len({pick.key for pick in chosen}) == len(chosen)
    assert {pick.key for pick in chosen} <= set(pool.keys)
    assert [pick.rank for pick in chosen] == list(range(1, len(chosen) + 1))
    again = pick_cases(pool, answered, strategy=strategy, count=count, seed=seed, audit_share=share)
    assert again == chosen


@given(strategy=strategies, seed=st.text(max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_audit_is_drawn_before_anything_is_looked_at(strategy: Strategy, seed: str) -> None:
    """Whatever the model says, and whatever is labelled, the same cases are the audit's."""
    one, other = candidates(60), candidates(60, seed=9)
    other = Candidates(one.keys, other.probabilities, other.features, other.subgroups)
    drawn = [
        {
            pick.key
            for pick in pick_cases(pool, known, strategy=strategy, count=20, seed=seed)
            if pick.reason == Reason.AUDIT
        }
        for pool, known in ((one, labelled(50)), (other, labelled(50, seed=8)))
    ]
    assert drawn[0] == drawn[1]
    belong = sum(in_audit(one.keys, seed=seed, share=0.1))
    assert len(drawn[0]) == min(2, belong)


def test_no_strategy_uses_up_what_the_audit_is_drawn_from() -> None:
    """Night after night, with all informative picks read: the audit's cases are all still there."""
    pool = candidates(300)
    kept = {
        key
        for key, is_in in zip(pool.keys, in_audit(pool.keys, seed="s", share=0.1), strict=True)
        if is_in
    }
    left = list(range(300))
    for _ in range(4):
        waiting = rows_of(pool, left)
        chosen = picks(waiting, labelled(50), Strategy.WEIGHTED_ENTROPY, 50)
        read = {pick.key for pick in chosen if pick.reason != Reason.AUDIT}
        assert not read & kept
        assert {pick.key for pick in chosen if pick.reason == Reason.AUDIT} <= kept
        left = [index for index in left if pool.keys[index] not in read]
    assert kept <= {pool.keys[index] for index in left}


@given(strategy=strategies)
@settings(max_examples=20, deadline=None)
def test_what_no_model_may_be_trained_on_is_read_for_the_audit_only(strategy: Strategy) -> None:
    pool = replace(candidates(80), teaches=np.arange(80) % 2 == 0)
    chosen = picks(pool, labelled(50), strategy, 80)
    teaching = set(pool.keys[::2])
    assert {pick.key for pick in chosen if pick.reason != Reason.AUDIT} <= teaching
    assert not {pick.key for pick in chosen if pick.reason == Reason.AUDIT} <= teaching
    kept = in_audit(pool.keys, seed="s", share=0.1)
    assert {pick.key for pick in chosen} == teaching | {
        key for key, is_in in zip(pool.keys, kept, strict=True) if is_in
    }


def test_features_about_their_mean_are_of_length_1_and_still_tell_directions_apart() -> None:
    alike = np.array([[10, 1], [10, -1], [10, 0], [10, 1]], np.float32)
    rows = alike / np.linalg.norm(alike, axis=1, keepdims=True)
    one, other = centred(rows[:2], rows[2:])
    assert (one.shape, other.shape) == ((2, 2), (2, 2))
    assert np.linalg.norm(np.concatenate([one, other]), axis=1) == pytest.approx(np.ones(4))
    assert rows[0] @ rows[1] > 0.97
    assert one[0] @ one[1] < 0
    assert one[0] @ other[1] == pytest.approx(1)
    [single] = centred(rows[:1])
    assert single.tolist() == [[1, 0]]
    assert centred(rows[:0])[0].shape == (0, 2)


def test_all_that_waits_is_listed_where_as_much_is_asked_for() -> None:
    pool = candidates(30)
    chosen = picks(pool, labelled(50), Strategy.MIXED, 1000)
    assert {pick.key for pick in chosen} == set(pool.keys)
    audited = {pick.key for pick in chosen if pick.reason == Reason.AUDIT}
    kept = in_audit(pool.keys, seed="s", share=0.1)
    assert audited == {key for key, is_in in zip(pool.keys, kept, strict=True) if is_in}


def test_a_mixture_has_each_part_in_its_share_and_any_beginning_of_it_too() -> None:
    chosen = picks(candidates(400), labelled(300), Strategy.MIXED, 200)
    counts = Counter(pick.reason for pick in chosen)
    assert counts[Reason.AUDIT] == 20
    for reason, share in MIXTURE.items():
        assert counts[reason] == pytest.approx(180 * share, abs=1)
    half = Counter(pick.reason for pick in chosen[:100])
    for reason, number in counts.items():
        assert half[reason] == pytest.approx(number / 2, abs=2)


def test_the_place_does_not_tell_the_reason() -> None:
    """By another seed each place is another's: no place is always the audit's."""
    pool, known = candidates(100), labelled(50)
    audited = [
        {
            pick.rank
            for pick in pick_cases(pool, known, strategy=Strategy.MIXED, count=40, seed=str(seed))
            if pick.reason == Reason.AUDIT
        }
        for seed in range(60)
    ]
    often = Counter(rank for ranks in audited for rank in ranks)
    assert max(often.values()) < 30
    assert len(often) > 30


def test_by_entropy_the_unsurest_come_first() -> None:
    pool, known = candidates(50), labelled(40)
    chosen = pick_cases(
        pool, known, strategy=Strategy.WEIGHTED_ENTROPY, count=10, seed="", audit_share=0
    )
    scores = weighted_entropy(pool.probabilities, class_weights(known.labels, CLASSES))
    best = np.argsort(-scores)[:10]
    assert [pick.key for pick in chosen] == [pool.keys[index] for index in best]
    assert {pick.reason for pick in chosen} == {Reason.UNCERTAIN}


def test_near_disagreements_come_those_that_look_most_like_one() -> None:
    pool, known = candidates(50), labelled(40)
    chosen = pick_cases(
        pool, known, strategy=Strategy.DISAGREEMENT, count=5, seed="", audit_share=0
    )
    likeness = nearest_product(pool.features, known.features[known.differs])
    assert [pick.key for pick in chosen] == [pool.keys[i] for i in np.argsort(-likeness)[:5]]


def test_what_a_strategy_cannot_fill_is_random_and_says_so() -> None:
    agreed = replace(labelled(30), differs=np.zeros(30, dtype=np.bool_))
    chosen = picks(candidates(40), agreed, Strategy.DISAGREEMENT, 10)
    assert {pick.reason for pick in chosen} <= {Reason.AUDIT, Reason.RANDOM}
    by_hash = [candidates(40).keys[i] for i in random_order(candidates(40).keys, seed="s")]
    drawn = {pick.key for pick in chosen if pick.reason == Reason.RANDOM}
    assert drawn < set(by_hash[:12])


def test_the_accuracy_seen_on_the_audit_is_that_of_all_that_waits() -> None:
    """By entropy the model is asked what it does not know; on the audit it is as good as it is."""
    pool = candidates(2000, seed=5)
    random = np.random.default_rng(6)
    truth = np.array([random.choice(CLASSES, p=row) for row in pool.probabilities])
    right = dict(zip(pool.keys, pool.probabilities.argmax(axis=1) == truth, strict=True))
    overall = float(np.mean(list(right.values())))
    seen: dict[Reason, list[bool]] = {Reason.AUDIT: [], Reason.UNCERTAIN: []}
    for seed in range(20):
        for pick in pick_cases(
            pool, labelled(200), strategy=Strategy.WEIGHTED_ENTROPY, count=500, seed=str(seed)
        ):
            seen[pick.reason].append(right[pick.key])
    assert np.mean(seen[Reason.AUDIT]) == pytest.approx(overall, abs=0.03)
    assert np.mean(seen[Reason.UNCERTAIN]) < overall - 0.1


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="audit share"):
        pick_cases(
            candidates(3), labelled(3), strategy=Strategy.MIXED, count=1, seed="",
            audit_share=share,
        )  # fmt: skip


def test_rows_that_do_not_belong_together_are_refused() -> None:
    pool, known = candidates(3), labelled(3)
    with pytest.raises(ValueError, match="named twice"):
        replace(pool, keys=["a", "a", "b"])
    with pytest.raises(ValueError, match="3 keys"):
        replace(pool, features=pool.features[:2])
    with pytest.raises(ValueError, match="sum to 1"):
        replace(pool, probabilities=pool.probabilities * 2)
    with pytest.raises(ValueError, match="not of length 1"):
        replace(pool, features=pool.features * 2)
    with pytest.raises(ValueError, match="3 labels"):
        replace(known, differs=known.differs[:1])
