"""One form for what means the same: width, script, case, blanks, polite fillers."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

_to_simplified = OpenCC("t2s")

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile(r"\s+")
# A blank beside a Chinese character means nothing; between Latin words it does.
_CHINESE = "[\u3000-\u9fff\uff00-\uffef]"
_BLANK_IN_CHINESE = re.compile(f"(?<={_CHINESE}) | (?={_CHINESE})")
_EDGE = " ,.!?;:~、，。！？；：…～—-"
_OPENINGS = """
你好 您好 你们好 大家好 早上好 上午好 中午好 下午好 晚上好 请问一下 请问下 请问 麻烦问一下 麻烦问下
请教一下 请教下 咨询一下 咨询下 我要咨询一下 想咨询一下 我想咨询一下 我想咨询下 我想咨询 我想请问一下 我想请问
我想问一下 我想问下 我想问问 我想问 想请问一下 想请问 想问一下 想问下 想问问 想问 问一下 问下 打扰一下 打扰了
麻烦您 麻烦你
""".split()
_CLOSINGS = """
谢谢您了 谢谢你了 谢谢您 谢谢你 谢谢啦 谢谢了 谢谢 多谢 非常感谢 感谢您 感谢 谢了 麻烦了 麻烦您了 麻烦你了
辛苦了 在线等 求解答 求回复
""".split()
# These are fillers only when a blank or a comma sets them apart (喂奶, 客服电话, 急救).
_OPENINGS_APART = "hi hello 嗨 喂 嗯 麻烦 小编 客服 那个 亲 在吗 有人吗".split()
_CLOSINGS_APART = "谢 急 求助 thanks 好吗 在吗".split()
_BREAK = r"[ ,.!?;:~、，。！？；：…～]"


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_PREFIX = re.compile(f"^(?:{_any_of(_OPENINGS)}|(?:{_any_of(_OPENINGS_APART)})(?={_BREAK}))")
_SUFFIX = re.compile(f"(?:{_any_of(_CLOSINGS)}|(?<={_BREAK})(?:{_any_of(_CLOSINGS_APART)}))$")


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """Return `text` in the form that is encoded and indexed.

    Full width becomes half width (NFKC), traditional characters simplified
    (OpenCC), letters lower case; polite words at both ends go, unless nothing
    would be left.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    plain = _to_simplified.convert(plain).casefold()
    plain = _without_fillers(_BLANKS.sub(" ", plain).strip())
    return _BLANK_IN_CHINESE.sub("", plain)


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
