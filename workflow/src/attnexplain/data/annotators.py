"""Evidence of each annotator of an example beside that of the others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnexplain.data.evidence import token_evidence

Places = Sequence[Sequence[int]]  # segments, starts and ends of the tokens


def others_of(spans: Sequence[Mapping[str, Any]], places: Places) -> Iterator[tuple[int, list[float], list[float]]]:
    """(annotator, own weight of each token, mean weight of the others), as `token_evidence` has them.

    Nothing of an example with fewer than two annotators.
    """
    annotators = sorted({span["annotator"] for span in spans})
    for one in annotators if len(annotators) > 1 else ():
        own = [span for span in spans if span["annotator"] == one]
        others = [span for span in spans if span["annotator"] != one]
        yield one, token_evidence(own, *places), token_evidence(others, *places)
