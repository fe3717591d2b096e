"""The probe of words. Expected: states planted with or without their word, numbers by hand on two words."""

import math

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

from attnexplain.data.batching import TokenisedSplit, collate
from attnexplain.data.special_tokens import UNK
from attnexplain.experiments.logistic import Logistic
from attnexplain.experiments.probe import FACTS, Probe, Probes, Words, most_frequent, sample, surprise
from attnexplain.models.classifier import Output
from attnexplain.models.memory import Budget
from explaining import batch, make, model

IDS = list("abcdefghijklmnopqrstuvwxyz")
WORDS = 6  # of the planted texts: ids 4 to 9


def texts(sentences):
    columns = {
        "example_id": [f"e{index}" for index in range(len(sentences))],
        "label": pa.array([0] * len(sentences), pa.int32()),
        "token_ids": pa.array(sentences, pa.list_(pa.int32())),
    }
    return TokenisedSplit(pa.table(columns), 2)


def zipfian(n, seed, length=12):
    """Texts over WORDS words, the first ones commoner."""
    frequency = 1 / np.arange(1, WORDS + 1)
    random = np.random.default_rng(seed)
    return texts([random.choice(np.arange(4, 4 + WORDS), length, p=frequency / frequency.sum()) for _ in range(n)])


class Planted(nn.Module):
    """A model whose states hold the word at its place, with noise of this much; without a `signal` noise alone."""

    def __init__(self, signal=True, noise=0.01, size=8):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(3)
            self.embedding = nn.Embedding(4 + WORDS, size)
        self.signal, self.noise = signal, noise

    def forward(self, batch, query=None):
        random = torch.Generator().manual_seed(int(batch.token_ids.sum()))
        states = self.noise * torch.randn(*batch.token_ids.shape, self.embedding.embedding_dim, generator=random)
        states = states + self.signal * self.embedding(batch.token_ids)
        weights = batch.attended / batch.attended.sum(1, keepdim=True)
        return Output(torch.zeros(len(states), 1), weights, states, states, states)

    def probabilities(self, logits):
        return torch.cat([1 - logits.sigmoid(), logits.sigmoid()], dim=-1)


def fitted(classifier, train, test, **options):
    probe = Probe(classifier, seed=1, **{"words": 200, "tokens": 5000, **options})
    probe.fit(train, test, Budget(400))
    return probe


def asked(classifier, train, test, **options):
    found = fitted(classifier, train, test, **options).run(collate(test, range(len(test))), test.example_ids)
    return {name: np.asarray(values) for name, values in found.items()}


def test_words_that_the_states_hold_are_recovered():
    found = asked(Planted(), zipfian(100, 1), zipfian(60, 2))
    assert found["accuracy"].mean() == 1.0
    assert found["entropy"].mean() * 0.99 < found["information"].mean() <= found["entropy"].mean()


def test_words_that_the_states_do_not_hold_are_not():
    train, test = zipfian(100, 1), zipfian(200, 2)
    found = asked(Planted(signal=False, noise=1.0), train, test)
    frequency = np.bincount(np.concatenate(test.token_ids)) / sum(map(len, test.token_ids))
    assert found["accuracy"].mean() == pytest.approx(frequency.max(), abs=0.03)
    assert -0.05 < found["information"].mean() < 0.02


def test_the_control_knows_the_frequencies_alone():
    train, test = zipfian(100, 1), zipfian(200, 2)
    found = asked(Planted(), train, test)
    frequency = np.bincount(np.concatenate(test.token_ids)) / sum(map(len, test.token_ids))
    assert found["accuracy_control"].mean() == pytest.approx(frequency.max(), abs=0.05)
    assert -0.05 < found["information_control"].mean() < 0.02


@pytest.mark.parametrize("noise", [0.5, 1.0, 3.0])
def test_what_is_found_lies_under_what_there_is_to_find(noise):
    train, test = zipfian(150, 1), zipfian(150, 2)
    found = asked(Planted(noise=noise), train, test)
    share = np.mean([np.bincount(ids, minlength=4 + WORDS) / len(ids) for ids in test.token_ids], axis=0)
    entropy = -sum(p * math.log(p) for p in share if p > 0)
    assert found["entropy"].mean() == pytest.approx(entropy)
    assert 0 < found["information"].mean() < entropy
    # Of Gaussian noise the posterior is known: the probe, linear in h, is of its form, and loses little to it.
    assert found["information"].mean() == pytest.approx(gaussian(noise, share), abs=0.1)


def gaussian(noise, share, draws=20_000):
    """Mutual information of a word drawn by `share` and its embedding under Gaussian noise, by simulation."""
    random = np.random.default_rng(0)
    means = Planted().embedding.weight.detach().numpy()[4:].astype(float)
    p = share[4:]
    words = random.choice(WORDS, draws, p=p / p.sum())
    states = means[words] + noise * random.normal(size=(draws, means.shape[1]))
    log = -((states[:, None] - means) ** 2).sum(axis=2) / (2 * noise**2)
    evidence = np.log((np.exp(log - log.max(axis=1, keepdims=True)) * p).sum(axis=1)) + log.max(axis=1)
    return float((log[np.arange(draws), words] - evidence).mean())


def test_two_words_by_hand():
    test = texts([[4, 4, 5], [5], [UNK, 9]])
    words = Words(np.array([-1, -1, -1, -1, 0, 1]), 2)
    # Word 4 is drawn with (2/3 + 0) / 2 = 1/3, word 5 with (1/3 + 1) / 2 = 2/3; the third text has neither.
    assert np.exp(-surprise(test, words)).tolist() == pytest.approx([1 / 3, 2 / 3])
    probe = Probe(Planted(size=1), seed=1)
    nothing = torch.zeros(2, 2).double()
    # q = (1/4, 3/4) whatever the state, and (1/2, 1/2) for the control.
    logistics = [Logistic(nothing, torch.tensor(q).double().log()) for q in ([0.25, 0.75], [0.5, 0.5])]
    unit = torch.ones(1).double()
    probe._probes = Probes(words, 0 * unit, unit, *logistics, torch.from_numpy(surprise(test, words)))
    found = probe.run(collate(test, range(3)), test.example_ids)
    first, second = math.log(0.25 * 3), math.log(0.75 * 1.5)
    assert found["information"].tolist() == pytest.approx([(2 * first + second) / 3, second, math.nan], nan_ok=True)
    assert found["accuracy"].tolist() == pytest.approx([1 / 3, 1.0, math.nan], nan_ok=True)
    first, second = math.log(0.5 * 3), math.log(0.5 * 1.5)
    expected = [(2 * first + second) / 3, second, math.nan]
    assert found["information_control"].tolist() == pytest.approx(expected, nan_ok=True)
    surprises = [(2 * math.log(3) + math.log(1.5)) / 3, math.log(1.5), math.nan]
    assert found["entropy"].tolist() == pytest.approx(surprises, nan_ok=True)


def test_the_most_frequent_words_are_told_apart_and_special_tokens_never():
    train = texts([[5, 5, 7, UNK, UNK, UNK], [6, 7, 7, 4, 6]])
    assert most_frequent(train, 3).of(np.array([4, 5, 6, 7, UNK, 8, 99])).tolist() == [-1, 1, 2, 0, -1, -1, -1]
    assert most_frequent(train, 100).count == 4


def test_whole_texts_are_drawn_until_there_are_enough_tokens():
    train = texts([[4] * (1 + index % 3) + [UNK] for index in range(50)] + [[UNK]])
    words, lengths = most_frequent(train, 5), np.array([1 + index % 3 for index in range(50)])
    chosen = sample(train, words, 20, np.random.default_rng(1))
    assert len(set(chosen)) == len(chosen) and 50 not in chosen
    assert 20 <= lengths[chosen].sum() < 20 + 3
    assert sorted(sample(train, words, 10**6, np.random.default_rng(1))) == list(range(50))
    assert sample(train, words, 20, np.random.default_rng(2)).tolist() != chosen.tolist()


def test_without_known_words_all_is_undefined():
    found = asked(Planted(), texts([[UNK], [UNK]]), texts([[4]]))
    assert all(np.isnan(found[name]).all() for name in FACTS["columns"]) and found["prediction"].tolist() == [0]


def test_what_is_fitted_does_not_depend_on_the_batches():
    first, second = (make("experiment", "probe", model()) for _ in range(2))
    train = texts([[4, 5, 6], [7, 8], [9, 4, 4, 6], [5], [6, 6, 7, 8, 9]])
    for probe, budget in ((first, 1), (second, 4096)):
        probe.fit(train, train, Budget(budget))
    one, other = (probe.run(batch(), IDS[:5]) for probe in (first, second))
    for name in FACTS["columns"]:
        np.testing.assert_allclose(one[name], other[name], atol=1e-5)


def test_the_same_seed_gives_the_same_bytes():
    train, test = zipfian(40, 1), zipfian(20, 2)
    first, second, other = (
        np.stack([asked(Planted(noise=1.0), train, test, tokens=n)[name] for name in FACTS["columns"]])
        for n in (200, 200, 100)
    )
    assert first.tobytes() == second.tobytes() != other.tobytes()
