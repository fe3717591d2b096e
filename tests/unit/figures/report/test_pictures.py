"""What a figure's caption says of its numbers. Expected: counts written out by hand."""

import pandas as pd
import pytest

from attnexplain.figures.report.pictures import sample_text


def test_what_a_curve_rests_on_is_counted_once_however_many_places_it_has() -> None:
    curve = pd.DataFrame({"x": [0.1, 0.2, 0.3], "density": [1.0, 2.0, 1.0]}).assign(n_undefined=4, n_seeds=3)
    plotted = pd.concat([curve.assign(dataset="sst", n_examples=50), curve.assign(dataset="imdb", n_examples=80)])
    expected = "50 to 80 texts per cell; 3 seeds per cell; 8 undefined values in all; 95 % intervals (two-way)."
    assert sample_text(plotted.assign(ci_kind="two-way"), 0.95) == expected


@pytest.mark.parametrize("kinds", [["search"], ["exact", "found"]])
def test_undefined_values_are_counted_once_over_bins_and_kinds(kinds: list[str]) -> None:
    bins = pd.DataFrame({"bin_low": [0.0, 0.5], "bin_high": [0.5, 1.0], "fraction": [0.2, 0.3]})
    bars = pd.concat([bins.assign(kind=kind, n=20, n_undefined=2, **{"class": "0"}) for kind in kinds])
    assert sample_text(bars, 0.95) == "20 values per class; 2 undefined values in all."
