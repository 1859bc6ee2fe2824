"""The head of the chain, signed, so that an administrator can note it elsewhere.

A noted head reads `<row>.<hash>.<signature>`: the signature (HMAC-SHA256 with the secret
`audit` of this installation, 32 hexadecimal digits) tells that this installation gave it out.
The last head that was found sound is kept in a file beside the database as well.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.audit.models import AuditHead
from knowledge.errors import KnowledgeError
from knowledge.feed.models import FeedHead
from knowledge.settings import Settings

NOTED = re.compile(r"(\d{1,18})\.([0-9a-f]{64})\.([0-9a-f]{32})")
HASH = re.compile(r"[0-9a-f]{64}")
FILE = "audit-head"


class HeadError(KnowledgeError):
    """A noted head is not one, or another installation gave it out."""


@dataclass(frozen=True)
class Noted:
    """A head from before: the row's hash, and its number where it is known."""

    hash: str
    row: int | None = None


class Signer:
    """Signs heads with this installation's key and the base's own name."""

    def __init__(self, settings: Settings) -> None:
        """Use the secret `audit`."""
        self._key = settings.secret("audit")

    def sign(self, base_id: str, row: int, own: str) -> str:
        """Return the head as it is noted."""
        message = f"{base_id}.{row}.{own}".encode()
        return f"{row}.{own}.{hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]}"

    def read(self, base_id: str, text: str) -> Noted:
        """Return what was noted: a whole head, or its hash alone.

        Raises:
            HeadError: it is neither, or its signature is not this installation's.
        """
        text = text.strip().lower()
        if HASH.fullmatch(text):
            return Noted(text)
        found = NOTED.fullmatch(text)
        if found is None:
            raise HeadError(
                "记下的头不完整：应是 hotline audit head 打印的一整串，或其中 64 位的哈希值"
            )
        row, own, _ = found.groups()
        if not hmac.compare_digest(text, self.sign(base_id, int(row), own)):
            raise HeadError(
                "记下的头不是这个系统、这个数据库签出的，或抄错了；"
                "如果密钥文件 secrets/audit 换过，请只用其中 64 位的哈希值"
            )
        return Noted(own, int(row))


def head(session: Session) -> tuple[int, str]:
    """Return the number and the hash of the log's newest row."""
    row = session.execute(select(AuditHead.last, AuditHead.hash)).one()
    return row.last, row.hash


def base_of(session: Session) -> str:
    """Return the base's own name."""
    return session.scalars(select(FeedHead.base_id)).one()


def kept(settings: Settings) -> str | None:
    """Return the head that the last sound verification left in the data folder."""
    path = _file(settings)
    return path.read_text("ascii", "replace").strip() if path.exists() else None


def keep(settings: Settings, noted: str) -> None:
    """Leave a head in the data folder for the next verification."""
    path = _file(settings)
    aside = path.with_suffix(".new")
    aside.write_text(noted + "\n", "ascii")
    aside.replace(path)


def _file(settings: Settings) -> Path:
    return settings.home / FILE
