"""Ids of the special tokens: the first rows of every vocabulary and of every embedding."""

PAD, UNK, SOS, EOS = 0, 1, 2, 3
SPECIALS = ("<pad>", "<unk>", "<sos>", "<eos>")  # in the order of their ids
