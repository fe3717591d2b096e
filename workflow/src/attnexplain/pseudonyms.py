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
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(secrets.token_bytes(32))
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_bytes()
