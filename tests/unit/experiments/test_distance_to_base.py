"""Distance to the base. Expected numbers: scipy's, of the two models' own forward passes on one sentence at a time."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

import reference
from explaining import PAIRS, SENTENCES, asked, batch, make, model


@pytest.mark.parametrize("attention", ["frozen", "additive"])
@pytest.mark.parametrize("classes", [2, 3, PAIRS])
def test_distances_are_those_of_the_two_models(attention, classes):
    run, base = model("average", attention, classes), model("cnn", "dot", classes, seed=5)
    if attention == "frozen":
        base = run.base
    else:
        run.stand_on(base)
    found = make("experiment", "distance-to-base", run).run(batch(), list("abcde"))
    for row, (sentence, question) in enumerate(zip(SENTENCES, asked(run), strict=True)):
        (p, a, _), (q, b, _) = (
            reference.forward(reference.exact(one), sentence, asked=question) for one in (run, base)
        )
        assert found["tvd"][row] == pytest.approx(0.5 * np.abs(np.subtract(p, q)).sum(), abs=1e-6)
        assert found["jsd"][row] == pytest.approx(jensenshannon(a, b) ** 2, abs=1e-6)
    assert (found["jsd"] == 0).all() == (attention == "frozen")


@torch.no_grad()
def test_a_run_that_stands_on_no_other_has_no_distance():
    found = make("experiment", "distance-to-base", model()).run(batch(), list("abcde"))
    assert np.isnan(found["tvd"]).all() and np.isnan(found["jsd"]).all()
    assert found["prediction"].tolist() == model().probabilities(model()(batch()).logits).argmax(-1).tolist()
