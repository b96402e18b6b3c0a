from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from roomtone.errors import DataError
from roomtone.stats.variance import variance_split


def scores(fold: float, seed: float, shape: tuple[int, int], random: int = 1) -> np.ndarray:
    generator = np.random.default_rng(random)
    return 0.7 + generator.normal(0, fold, (shape[0], 1)) + generator.normal(0, seed, shape)


def test_it_equals_restricted_maximum_likelihood_of_statsmodels():
    table = scores(0.03, 0.01, (10, 5))
    found = variance_split(table)
    data = pd.DataFrame({"score": table.ravel() * 100, "fold": np.repeat(np.arange(10), 5)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        golden = MixedLM.from_formula("score ~ 1", data, groups="fold").fit(reml=True)
    assert found.seed * 1e4 == pytest.approx(golden.scale, rel=1e-3)
    assert found.fold * 1e4 == pytest.approx(float(golden.cov_re.iloc[0, 0]), rel=1e-2)


def test_it_finds_what_the_scores_were_drawn_from():
    found = variance_split(scores(0.03, 0.02, (4000, 4)))
    assert found.fold == pytest.approx(0.03**2, rel=0.1)
    assert found.seed == pytest.approx(0.02**2, rel=0.1)
    assert found.seed_share == pytest.approx(0.04 / 0.13, abs=0.03)


def test_a_part_is_never_below_0_and_equal_scores_have_no_shares():
    assert variance_split([[0.1, 0.9], [0.9, 0.1]]).fold == 0
    assert variance_split([[0.5, 0.5], [0.5, 0.5]]).seed_share is None
    values = json.loads(json.dumps(variance_split(scores(0.1, 0.1, (3, 2))).to_dict()))
    assert set(values) == {"fold", "seed", "folds", "seeds", "seed_share"}


@pytest.mark.parametrize("table", [[0.1, 0.2], [[0.1, 0.2]], [[0.1], [0.2]], [[0.1, np.nan]] * 2])
def test_scores_that_cannot_be_split_are_refused(table):
    with pytest.raises(DataError, match="2 folds and 2 seeds"):
        variance_split(table)
