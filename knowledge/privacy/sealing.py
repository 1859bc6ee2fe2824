"""Contact data that must be kept: encrypted at rest, shown masked."""

import base64
import re

from cryptography.fernet import Fernet, InvalidToken

from knowledge.errors import KnowledgeError
from knowledge.settings import Settings


class SealError(KnowledgeError):
    """The sealed value cannot be opened with this installation's key."""


class Sealer:
    """Encrypts and decrypts short texts with this installation's key (Fernet)."""

    def __init__(self, settings: Settings) -> None:
        """Use the key `contact` of this installation."""
        self._fernet = Fernet(base64.urlsafe_b64encode(settings.secret("contact")))

    def seal(self, text: str) -> str:
        """Return `text` encrypted."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed.

        Raises:
            SealError: another key sealed it, or it is damaged.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SealError("联系方式无法解密：密钥文件与数据库不匹配，请恢复原来的密钥") from error


def masked(contact: str) -> str:
    """Show a contact so that it is recognised but cannot be used: `138****5678`."""
    return re.sub(r"^(.{0,3}).*?(.{0,4})$", r"\1****\2", contact) if len(contact) > 7 else "****"
