"""The database: connection, transactions, column types, migrations."""

from knowledge.database.base import Base, UtcDateTime
from knowledge.database.connection import Database

__all__ = ["Base", "Database", "UtcDateTime"]
