"""Texts that are nearly the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.data.audit.near import ALIKE, NEAR, find_links
from roomtone.data.audit.shingles import WIDTH, Shingles, similarities


def runs(text):
    padded = text.ljust(WIDTH, "\0")
    return {padded[at : at + WIDTH] for at in range(len(padded) - WIDTH + 1)}


def jaccard(one, other):
    return len(runs(one) & runs(other)) / len(runs(one) | runs(other))


def alone(texts):
    return np.ones((len(texts), 1), dtype=bool)


texts = st.lists(st.text(alphabet="ab 😡é\ud800", max_size=40), min_size=1, max_size=8, unique=True)


@given(texts=texts)
def test_similarities_are_those_of_the_sets_of_runs(texts):
    sets = Shingles(texts).sets
    first, second = (part.ravel() for part in np.indices((len(texts), len(texts))))
    found = similarities(sets, first, second)
    wanted = [jaccard(texts[a], texts[b]) for a, b in zip(first, second, strict=True)]
    assert np.allclose(found, wanted)


def test_a_sketch_agrees_as_often_as_the_sets_are_similar():
    rng = np.random.default_rng(0)
    words = [f"w{number}" for number in range(1000)]
    base = " ".join(rng.choice(words, 400))
    other = " ".join([*base.split()[:300], *rng.choice(words, 100)])
    share = np.mean(
        [np.equal(*Shingles([base, other], seed=seed).keys).mean() for seed in range(40)]
    )
    assert abs(share - jaccard(base, other) ** 4) < 0.06


def test_near_copies_are_linked_and_others_are_not():
    rng = np.random.default_rng(1)
    words = [f"word{number}" for number in range(5000)]
    originals = [" ".join(rng.choice(words, 20)) for _ in range(300)]
    copies = [f"{text} indeed" for text in originals]
    links = find_links([*originals, *copies], alone(originals + copies))
    found = set(zip(links.first.tolist(), links.second.tolist(), strict=True))
    assert found == {(row, row + 300) for row in range(300)}
    assert (links.similarity >= NEAR).all()


def test_every_link_has_the_similarity_that_it_claims():
    rng = np.random.default_rng(2)
    texts = sorted({" ".join(rng.choice(["alpha", "beta", "gamma"], 6)) for _ in range(60)})
    links = find_links(texts, alone(texts))
    assert links.first.size > 20
    for one, other, share in zip(links.first, links.second, links.similarity, strict=True):
        assert one < other
        assert np.isclose(share, jaccard(texts[one], texts[other]))
        assert share >= ALIKE


def test_short_texts_are_not_compared():
    texts = ["so good a film", "so good a films"]
    assert find_links(texts, alone(texts)).first.size == 0


def test_no_texts_and_one_text_have_no_links():
    for texts in ([], ["a text that is long enough to be compared"]):
        assert find_links(texts, np.ones((len(texts), 2), bool)).first.size == 0


@pytest.mark.timeout(120)  # of one second; each with each would take many times longer
def test_thousands_of_variants_are_one_group_and_take_no_quadratic_time():
    texts = [f"check out my channel number {n} for free songs and subscribe" for n in range(8000)]
    members = np.zeros((len(texts), 2), dtype=bool)
    members[:4000, 0] = members[4000:, 1] = True
    links = find_links(texts, members)
    assert links.first.size < 100 * len(texts)
    assert len(set(links.clusters(len(texts)).tolist())) == 1
    # Each text of one file is compared with some text of the other.
    crossing = (links.first < 4000) & (links.second >= 4000)
    assert np.unique(links.second[crossing]).size > 3900
