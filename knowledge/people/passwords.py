"""Passwords: argon2id hashes, made and checked."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge.errors import ContentError

MIN_LENGTH = 10
MAX_LENGTH = 128
# No letters or digits that are mixed up when read from a terminal or aloud.
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789"

_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_hex(16))


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`.

    Raises:
        ContentError: shorter than 10 or longer than 128 characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ContentError({"password": f"密码长度须为 {MIN_LENGTH} 到 {MAX_LENGTH} 个字符"})
    return _hasher.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Check a password. An unknown user (None) costs the same time as a known one."""
    try:
        return _hasher.verify(stored or _nobody, password[:MAX_LENGTH]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """Return a new random password (14 characters, about 81 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(14))
