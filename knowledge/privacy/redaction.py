"""Personal data in what people type: found and replaced before anything keeps it.

Mobile and landline numbers, resident identity numbers, bank cards and e-mail
addresses, also with full-width digits, with blanks or hyphens between the digits.
Public service numbers (12345, 110, 96…) are shorter and stay.
"""

import re
from dataclasses import dataclass

from knowledge.privacy.hidden import visible

# Digits as people type them, with what they put between them.
_GAP = r"[\s\-\u2010-\u2015\u2212\uff0d\u3000·._]{0,3}"
_D = r"[0-9\uff10-\uff19]"
_BEFORE = r"(?<![0-9\uff10-\uff19])"  # a letter may stand before: wx138…
_AFTER = r"(?![0-9\uff10-\uff19])"


def _digits(count: str) -> str:
    return rf"(?:{_GAP}{_D}){{{count}}}"


_COUNTRY = rf"(?:[+\uff0b]|[0\uff10]{_GAP}[0\uff10]{_GAP})?[8\uff18]{_GAP}[6\uff16]{_GAP}"
_MOBILE = rf"(?:{_COUNTRY})?[1\uff11]{_GAP}[3-9\uff13-\uff19]{_digits('9')}"
_LANDLINE = (
    rf"[(\uff08]?[0\uff10]{_GAP}(?:[1\uff11]{_GAP}[0\uff10]|[2\uff12]{_GAP}{_D}"
    rf"|[3-9\uff13-\uff19]{_digits('2')})[)\uff09]?{_GAP}[2-9\uff12-\uff19]{_digits('6,7')}"
)
_ID_CARD = rf"[1-9\uff11-\uff19]{_digits('16')}{_GAP}[0-9\uff10-\uff19Xx\uff38\uff58]"
_OLD_ID_CARD = rf"[1-9\uff11-\uff19]{_digits('14')}"
_BANK_CARD = rf"[3-6\uff13-\uff16]{_digits('14,18')}"
_EMAIL = r"[\w.+\-]{1,64}\s?[@\uff20]\s?[\w\-]{1,63}(?:\s?[.\uff0e]\s?[\w\-]{1,63}){1,4}"


@dataclass(frozen=True)
class Redacted:
    """A text without personal data, and the kinds that were found in it."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A piece of personal data: `mobile`, `landline`, `id_card`, `bank_card` or `email`."""

    kind: str
    text: str


_ID_DATE = re.compile(r"^\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_OLD_ID_DATE = re.compile(r"^\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$")

_PATTERN = re.compile(
    "|".join(
        (
            f"(?P<email>{_EMAIL})",
            f"{_BEFORE}(?P<id_card>{_ID_CARD}){_AFTER}",
            f"{_BEFORE}(?P<bank_card>{_BANK_CARD}){_AFTER}",
            f"{_BEFORE}(?P<old_id_card>{_OLD_ID_CARD}){_AFTER}",
            f"{_BEFORE}(?P<mobile>{_MOBILE}){_AFTER}",
            f"{_BEFORE}(?P<landline>{_LANDLINE}){_AFTER}",
        )
    ),
    re.ASCII | re.IGNORECASE,
)

_TOKENS = {
    "email": "[邮箱]",
    "id_card": "[身份证号]",
    "old_id_card": "[身份证号]",
    "bank_card": "[银行卡号]",
    "mobile": "[手机号]",
    "landline": "[电话号码]",
}


def redact(text: str) -> Redacted:
    """Replace personal data in `text` by a word that says what stood there.

    Characters that nobody sees are dropped first: they could hide a number.
    """
    kinds: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        kind = _kind(match)
        if kind is None:
            return match.group()
        kinds.append(kind)
        return _TOKENS[kind]

    return Redacted(_PATTERN.sub(replacement, visible(text)), tuple(kinds))


def personal_data(text: str) -> list[Found]:
    """Return what `redact` would replace, in the order of the text."""
    kinds = ((match, _kind(match)) for match in _PATTERN.finditer(visible(text)))
    return [Found(kind, match.group()) for match, kind in kinds if kind is not None]


def _kind(match: re.Match[str]) -> str | None:
    """Return the kind of what was found, None where it only looks like one."""
    kind = match.lastgroup or ""
    digits = _plain(match.group())
    if kind == "bank_card" and _OLD_ID_DATE.match(digits):
        return "old_id_card"
    if kind == "old_id_card" and not _OLD_ID_DATE.match(digits):
        return None
    if kind == "id_card" and not _ID_DATE.match(digits):
        return "bank_card"
    return kind


def _plain(text: str) -> str:
    return "".join(
        str(int(character)) if character.isdecimal() else character
        for character in text
        if character.isdecimal() or character in "xX\uff38\uff58"
    )
