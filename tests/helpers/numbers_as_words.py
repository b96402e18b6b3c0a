# ruff: noqa: N803 - `X` is scikit-learn's name
"""A classifier of texts for tables of numbers, which scikit-learn's checks make."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data


class NumbersAsWords:
    """Goes before an estimator: each number becomes a word of its column and of its interval."""

    per_unit = 1
    """Intervals from one whole number to the next."""

    def words(self, table: Any, *, reset: bool = False) -> list[str]:
        if not reset:
            check_is_fitted(self)
        table = validate_data(self, table, reset=reset, dtype=np.float64)
        places = np.floor(self.per_unit * np.clip(table, -1e6, 1e6)).astype(int)
        return [" ".join(f"c{c}v{place}" for c, place in enumerate(row)) for row in places]

    def fit(self, X: Any, y: Any) -> Any:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        return super().fit(self.words(X, reset=True), y)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.string = tags.input_tags.one_d_array = False
        return tags
