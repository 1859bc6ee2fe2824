"""The chain of the audit log: what a row's hash is made of.

A row's hash is the SHA-256 (64 hexadecimal digits) of its fields and of the hash of the row
before, as JSON: keys sorted, no blanks, everything but ASCII escaped, the time in UTC with
microseconds. The first row follows a hash made of the base's own name (`feed_head.base_id`),
so that a chain cannot be moved to another base.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIELDS = ("id", "actor_id", "actor_name", "address", "action", "subject", "before", "after")


def genesis(base_id: str) -> str:
    """Return the hash that the first row of the base `base_id` follows."""
    return hashlib.sha256(f"hotline audit log of {base_id}".encode()).hexdigest()


def digest(row: Mapping[str, Any], previous: str) -> str:
    """Return the hash of a row that follows the hash `previous`.

    Args:
        row: its `FIELDS`, and `at`, an aware datetime.
        previous: the hash of the row before.
    """
    at: datetime = row["at"]
    fields = {name: row[name] for name in FIELDS}
    fields["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    fields["previous"] = previous
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return `value` as JSON in the one form that is hashed.

    Raises:
        ValueError: it holds a number that JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def plain(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return `value` as it comes back from the database: texts for keys, lists for tuples."""
    return None if value is None else json.loads(canonical(value))
