"""Expected values: scipy's entropy and arithmetic on the page."""

import numpy as np
import pytest
from scipy.stats import entropy

from attnexplain.metrics import attention_entropy, max_attention
from attnexplain.metrics.ragged import Ragged

WEIGHTS = [[0.5, 0.25, 0.25], [1.0, 0.0], [0.25] * 4, [1.0], [], [np.nan, 0.5]]


def test_entropy_in_nats_equals_scipy_and_is_zero_on_one_token():
    found = attention_entropy.measure(Ragged.from_rows(WEIGHTS), normalised=False)
    np.testing.assert_allclose(found.value[:4], [entropy(row) for row in WEIGHTS[:4]], atol=1e-15)
    assert found.undefined_reason == [None, None, None, None, "no tokens", "scores are NaN"]


def test_normalised_entropy_is_one_when_uniform_and_undefined_on_one_token():
    found = attention_entropy.measure(Ragged.from_rows(WEIGHTS), normalised=True)
    assert found.value[:3] == pytest.approx([1.5 * np.log(2) / np.log(3), 0.0, 1.0])
    assert found.undefined_reason == [None, None, None, "one token", "no tokens", "scores are NaN"]
    assert np.isnan(found.value[3:]).all()


def test_max_attention_is_the_largest_weight():
    found = max_attention.measure(Ragged.from_rows(WEIGHTS))
    assert found.value[:4].tolist() == [0.5, 1.0, 0.25, 1.0]
    assert found.undefined_reason == [None, None, None, None, "no tokens", "scores are NaN"]
