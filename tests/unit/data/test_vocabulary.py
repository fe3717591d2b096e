"""Expected ids are counted by hand."""

from attnexplain.data.vocabulary import build_vocabulary, encode


def test_common_words_come_first_and_ties_go_by_alphabet():
    vocabulary = build_vocabulary([["b", "a", "c"], ["c", "b"], ["c"]])
    assert vocabulary == {"<pad>": 0, "<unk>": 1, "<sos>": 2, "<eos>": 3, "c": 4, "b": 5, "a": 6}


def test_frequency_counts_documents_not_occurrences():
    assert "a" not in build_vocabulary([["a", "a", "a"], ["b"], ["b"]], min_frequency=2)
    assert "b" in build_vocabulary([["a", "a", "a"], ["b"], ["b"]], min_frequency=2)


def test_unknown_words_and_words_that_spell_a_special_token_are_unknown():
    vocabulary = build_vocabulary([["a", "<pad>"]])
    assert encode(["a", "z", "<pad>", "<sos>"], vocabulary) == [4, 1, 1, 1]
