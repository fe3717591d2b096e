"""Tables of MIMIC-III (Johnson et al. 2016) as they are distributed, csv or csv.gz, read row by row.

No message quotes a value: the data is credentialed.
"""

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from attnexplain.data.text_files import opened
from attnexplain.errors import DataError, nearest

_NUMBER = re.compile(r"(\d+)(?:\.0+)?")


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(where, values of `columns`) of each row; the header's case does not count, nor do further columns."""
    csv.field_size_limit(sys.maxsize)  # the default refuses notes beyond 128 KiB
    with opened(path) as file:
        reader = csv.reader(file, strict=True)
        line = 1
        try:
            header = [name.strip().upper() for name in next(reader, [])]
            places = [_place(column, header, path) for column in columns]
            line = reader.line_num + 1
            for fields in tqdm(reader, desc=path.name, unit=" rows", mininterval=1, disable=None):
                where, line = f"{path}, line {line}", reader.line_num + 1
                if len(fields) == len(header):
                    yield where, [fields[place] for place in places]
                elif fields:
                    raise refused(f"{where}: {len(fields)} fields where the header has {len(header)}")
        except csv.Error as error:
            raise refused(f"{path}: malformed CSV ({error}) in the record that starts on line {line}") from error


def number(text: str, where: str, column: str) -> int | None:
    """An identifier, None where it is missing; `100001.0` is 100001, as tables saved anew spell it beside gaps."""
    if not text.strip():
        return None
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        raise refused(f"{where}: {column} is not a number")
    return int(found.group(1))


def admission_list(path: Path) -> set[int]:
    """Admissions of a list: HADM_ID first on each line; a heading is skipped."""
    found = set()
    with opened(path) as file:
        for line, text in enumerate(file, start=1):
            first = text.split(",")[0].strip()
            if line == 1 and not first[:1].isdigit():
                continue
            admission = number(first, f"{path}, line {line}", "HADM_ID")
            if admission is not None:
                found.add(admission)
    return found


def refused(problem: str) -> DataError:
    """An error without anything that must not be shown."""
    return DataError(f"{problem}; fetch the table again.", f"{problem}; fetch the table again.")


def _place(column: str, header: list[str], path: Path) -> int:
    if column not in header:
        problem = f"{path}: no column {column} in its header"
        raise DataError(f"{problem}. {nearest(column, header)}", f"{problem}.")
    return header.index(column)
