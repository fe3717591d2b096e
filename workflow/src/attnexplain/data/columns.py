"""From the records of a table (column -> value) to rows of a data set: which column is what, and how it is spelled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attnexplain.data.evidence_forms import delimiters, read_evidence, without_marks
from attnexplain.errors import DataError, nearest


@dataclass(frozen=True)
class Columns:
    """Names of the columns, None for those there are not, and how labels and evidence are spelled.

    `labels`: the file's labels in the order of the classes, comma-separated; several for one class stand between
    bars (`1|2, 4|5`). None: they are class names or indices.
    """

    text: str
    text_pair: str | None
    label: str
    example_id: str | None
    evidence: str | None
    evidence_pair: str | None
    evidence_form: str
    evidence_mark: str
    labels: str | None

    @property
    def named(self) -> dict[str, str]:
        """Option -> column, of those that are there."""
        names = ("text", "text_pair", "label", "example_id", "evidence", "evidence_pair")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def check(self, known: list[str], where: str) -> None:
        """Refuse a table that lacks a column."""
        for option, column in self.named.items():
            if column not in known:
                missing = f"{where}: no column {column!r}; set option `{option}`."
                raise DataError(f"{missing} {nearest(column, map(str, known))}", missing)

    def row(self, record: Mapping[str, Any], where: str, identifier: str) -> dict[str, Any]:
        """One record as a row; `identifier` is taken where no column holds them."""
        self.check(list(record), where)
        values = {name: record[column] for name, column in self.named.items()}
        evidence = {name: values.pop(name, None) for name in ("evidence", "evidence_pair")}
        try:
            for segment, name in (("text", "evidence"), ("text_pair", "evidence_pair")):
                self._unmark(values, segment, name)
                self._check_text(values, segment, where)
            spans = self._evidence(values, evidence)
        except ValueError as error:
            raise DataError(f"{where}: {error}", f"{where}: {error}") from error
        row = {"example_id": identifier, **values, "label": self._label(values["label"], where)}
        if row["example_id"] in (None, "") or not isinstance(row["example_id"], str | int | float):
            raise DataError(f"{where}: the identifier in column {self.example_id!r} is empty or no single value.")
        row["example_id"] = str(row["example_id"])
        return {**row, "evidence": spans} if self.evidence or self.evidence_pair else row

    def _unmark(self, values: dict[str, Any], segment: str, name: str) -> None:
        """Where the text's own column carries the marks, the text is what is left without them."""
        column = getattr(self, name)
        marked = self.evidence_form == "marked" and column is not None and column == getattr(self, segment)
        if marked and isinstance(values[segment], str):
            values[segment] = without_marks(values[segment], self.evidence_mark)

    def _check_text(self, values: dict[str, Any], segment: str, where: str) -> None:
        if segment in values and not isinstance(values[segment], str):
            column = f"{where}: column {self.named[segment]!r} is"
            raise DataError(f"{column} {values[segment]!r}, not a text.", f"{column} not a text.")

    def _evidence(self, values: dict[str, Any], evidence: dict[str, Any]) -> list[dict[str, Any]] | None:
        if self.evidence_form == "marked":
            delimiters(self.evidence_mark)
        first = read_evidence(evidence["evidence"], self.evidence_form, values["text"], 0, self.evidence_mark)
        if evidence["evidence_pair"] is None:
            return first
        if "text_pair" not in values:
            raise ValueError("`evidence_pair` is evidence in the second text, but `text_pair` names no column.")
        second = read_evidence(
            evidence["evidence_pair"], self.evidence_form, values["text_pair"], 1, self.evidence_mark
        )
        return first if second is None else [*(first or []), *second]

    def _label(self, value: Any, where: str) -> Any:
        if isinstance(value, bool):
            value = str(value).lower()  # as JSON spells it
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # whole numbers beside gaps are floats in Parquet
        if self.labels is None or value is None:
            return value
        text = str(value)
        spelled = [[name.strip() for name in group.split("|")] for group in self.labels.split(",")]
        for index, names in enumerate(spelled):
            if text in names:
                return index
        public = f"{where}: the label is none of `labels` ({self.labels})."
        known = [name for names in spelled for name in names]
        raise DataError(f"{where}: label {text!r} is none of `labels`. {nearest(text, known)}", public)
