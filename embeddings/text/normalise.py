"""One form for what means the same: width, script, case, blanks, polite fillers."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

from embeddings.text.numerals import arabic

_to_simplified = OpenCC("t2s")

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile(r"\s+")
# A blank between two Chinese characters means nothing; between Latin words it does.
_BLANK_IN_CHINESE = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef]) | (?=[\u3000-\u9fff\uff00-\uffef])"
)
_EDGE = " ,.!?;:~、，。！？；：…～—-"
_GREETINGS = (
    "你好",
    "您好",
    "你们好",
    "大家好",
    "早上好",
    "上午好",
    "中午好",
    "下午好",
    "晚上好",
    "hi",
    "hello",
    "嗨",
    "喂",
    "请问一下",
    "请问下",
    "请问",
    "麻烦问一下",
    "麻烦问下",
    "请教一下",
    "咨询一下",
    "咨询下",
    "想咨询一下",
    "我想咨询一下",
    "我想咨询",
    "我想问一下",
    "我想问下",
    "我想问问",
    "我想问",
    "想问一下",
    "想问下",
    "想问",
    "问一下",
    "问下",
    "打扰一下",
    "打扰了",
    "麻烦您",
    "麻烦你",
    "麻烦",
    "小编",
    "客服",
    "那个",
    "嗯",
)
_THANKS = (
    "谢谢您了",
    "谢谢你了",
    "谢谢您",
    "谢谢你",
    "谢谢啦",
    "谢谢了",
    "谢谢",
    "多谢",
    "非常感谢",
    "感谢",
    "谢了",
    "谢",
    "麻烦了",
    "麻烦您了",
    "麻烦你了",
    "辛苦了",
    "急",
    "在线等",
    "求解答",
    "求助",
    "求回复",
)
_PREFIX = re.compile(
    "^(?:" + "|".join(sorted(map(re.escape, _GREETINGS), key=len, reverse=True)) + ")"
)
_SUFFIX = re.compile(
    "(?:" + "|".join(sorted(map(re.escape, _THANKS), key=len, reverse=True)) + ")$"
)


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Return `text` in the form that is encoded and indexed.

    Full width becomes half width (NFKC), traditional characters simplified
    (OpenCC), letters lower case, numbers that count something Arabic; polite words
    at both ends go, unless nothing would be left.
    """
    return _without_fillers(unified(text))


def unified(text: str) -> str:
    """Return a term in the form in which it stands in normalised texts; nothing is cut off."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    plain = _to_simplified.convert(plain).casefold()
    return arabic(_BLANK_IN_CHINESE.sub("", _BLANKS.sub(" ", plain)).strip())


def key(text: str) -> str:
    """Return what two phrasings share if they are the same: letters and digits only."""
    return "".join(character for character in normalise(text) if character.isalnum())


def _without_fillers(text: str) -> str:
    kept = text.strip(_EDGE)
    while True:
        shorter = _SUFFIX.sub("", _PREFIX.sub("", kept).strip(_EDGE)).strip(_EDGE)
        if shorter == kept:
            return kept or text
        if sum(character.isalnum() for character in shorter) < 2:
            return kept
        kept = shorter
