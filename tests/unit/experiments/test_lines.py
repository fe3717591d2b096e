"""The farthest place on lines. Expected numbers: intervals chosen beforehand, a dense grid."""

import numpy as np
import pytest

from attnexplain.experiments.lines import farthest_on_lines


def line(middle, width):
    """One line, admissible within `width` of `middle`."""
    return lambda lines, places: np.abs(places - middle) - width


def square(lines, places):
    return places**2


@pytest.mark.parametrize(("middle", "width"), [(0.4, 0.1), (0.4, 1e-4), (0.53, 1e-3), (0.97, 0.01), (0.0, 0.3)])
def test_the_end_of_what_is_admissible_is_found_even_between_places_of_the_grid(middle, width):
    found = farthest_on_lines(1, line(middle, width), square, 0.0, 0.0)
    assert found == (0, pytest.approx(min(middle + width, 1.0), abs=1e-9))
    assert line(middle, width)(0, np.array([found[1]])) <= 0


def test_a_line_that_is_admissible_to_its_end_ends_there():
    assert farthest_on_lines(1, line(0.5, 0.6), square, 0.0, 0.0) == (0, 1.0)


def test_nothing_is_found_where_nothing_is_admissible_or_nothing_is_farther():
    assert farthest_on_lines(1, line(0.5, -0.1), square, 0.0, 0.0) is None
    assert farthest_on_lines(1, line(0.4, 0.1), square, 0.0, 0.3) is None
    assert farthest_on_lines(0, line(0.4, 0.1), square, 0.0, 0.0) is None


def test_of_several_lines_the_best_end_is_that_of_a_dense_grid():
    random = np.random.default_rng(0)
    places = np.linspace(0, 1, 20_001)
    for _ in range(30):
        middle, width, peak = random.random((3, 6)) * [[1.0], [0.2], [1.0]]
        found = farthest_on_lines(
            6,
            lambda lines, at, m=middle, w=width: np.abs(at - m[lines]) - w[lines],
            lambda lines, at, p=peak: (at - p[lines]) ** 2,
            0.0,
            0.0,
        )
        admitted = np.abs(places - middle[:, None]) <= width[:, None]
        expected = np.where(admitted, (places - peak[:, None]) ** 2, 0.0).max()
        assert (found[1] - peak[found[0]]) ** 2 == pytest.approx(expected, abs=2e-4)
        assert abs(found[1] - middle[found[0]]) <= width[found[0]]
