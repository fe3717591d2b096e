"""Pseudonyms of the examples of credentialed data sets: what stands in for their identifiers outside their folders.

A pseudonym is a keyed hash (HMAC-SHA-256, 16 hex digits), so that without the key nobody can try identifiers out. The
key is made once and stays where the data is.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkstemp
from typing import Any

import pyarrow as pa

KEY = Path("resources") / "pseudonyms.key"
MARK = "example_ids"  # in a table's metadata
PSEUDONYMOUS = "pseudonymous"


def pseudonymised(table: pa.Table, key: Path) -> pa.Table:
    """The table with a pseudonym for each example_id; nulls stay."""
    secret = _secret(key)
    column = table["example_id"].combine_chunks().dictionary_encode()
    names = [pseudonym(one, secret) for one in column.dictionary.to_pylist()]
    encoded = pa.DictionaryArray.from_arrays(column.indices, pa.array(names, pa.string()))
    place = table.column_names.index("example_id")
    return table.set_column(place, table.schema.field(place), encoded.cast(pa.string()))


def matching(table: pa.Table, metadata: Mapping[str, Any], key: Path) -> pa.Table:
    """The table with identifiers as another has them, by that one's metadata."""
    return pseudonymised(table, key) if metadata.get(MARK) == PSEUDONYMOUS else table


def pseudonym(example_id: str, secret: bytes) -> str:
    """What stands in for one identifier."""
    return hmac.new(secret, example_id.encode(), hashlib.sha256).hexdigest()[:16]


def _secret(path: Path) -> bytes:
    """The key, made on first use; of two jobs that make it at once the first one's counts for both."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = mkstemp(dir=path.parent, prefix=f".{path.name}.")  # of mode 600
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            Path(partial).unlink()
    return path.read_bytes()
