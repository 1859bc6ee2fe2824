"""Chinese numerals that count something, as Arabic ones: 六十岁 and 60岁 are one text.

Only what is clear is rewritten: a well-formed number right before a measure word, or
a percentage. 一次性, 一般, 统一, 万一, 十分 and the like stay as they are.
"""

import re

_DIGITS = {digit: at for at, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = (("千", 1000), ("百", 100), ("十", 10))
_NUMERAL = "零〇一二两三四五六七八九十百千万亿"
_MEASURES = (
    "周岁", "岁", "年", "个", "月", "日", "天", "周(?!围)", "工作日", "自然日", "小时", "分钟",
    "万元", "亿元", "元", "块钱", "号", "楼", "层", "栋", "幢", "单元",
    "平方米", "平米", "公里", "公斤", "米", "%",
)  # fmt: skip
# What stands before makes a word of the numeral (统一, 任一, 周三, 初二) ...
_JOINED_BEFORE = "统唯专单划归逐不同如合任某其之周期拜初"
# ... and what stands after one of the measure word (四周围, 二元结构, 一号文).
_COUNTED = re.compile(
    f"(?<![0-9.{_NUMERAL}{_JOINED_BEFORE}])([{_NUMERAL}]+)(?=({'|'.join(_MEASURES)}))"
)
_PERCENT = re.compile(f"百分之([{_NUMERAL}]+)(?:点([{_NUMERAL}]+))?")
# Words in which numeral and measure word count nothing.
_WORDS = re.compile("一个|四周(?!岁|年)|[一二三]元[化区结次]|千万|二元|三年级|十月怀胎")
_COUNTED_ONES = re.compile("一个(?:月|工作日|自然日|小时|半月|季度)")


def arabic(text: str) -> str:
    """Return `text` with its numerals before measure words in Arabic figures."""
    if not any(character in text for character in _NUMERAL):
        return text
    return _COUNTED.sub(_counted, _PERCENT.sub(_percent, text))


def number(numeral: str) -> int | None:
    """Return the value of a well-formed Chinese numeral, else None.

    Years are read figure by figure (二〇二四); 三五 (three to five) is no number.
    """
    if len(numeral) == 4 and all(one in _DIGITS and one != "两" for one in numeral):
        return int("".join(str(_DIGITS[one]) for one in numeral))
    total = 0
    rest = numeral
    for unit, value in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = rest.partition(unit)
        if found:
            part = _below_ten_thousand(head)
            if not part or (tail and not tail.startswith(("零", "〇")) and len(tail) == 1):
                return None
            total, rest = total + part * value, tail
    if not rest:
        return total or None
    part = _below_ten_thousand(rest)
    return None if part is None else total + part


def _below_ten_thousand(numeral: str) -> int | None:
    total, rest, before = 0, numeral.lstrip("零〇") or "零", 10
    for unit, value in _UNITS:
        head, found, tail = rest.partition(unit)
        if not found:
            continue
        skipped = head.startswith(("零", "〇"))
        head = head.lstrip("零〇")
        digit = 1 if value == 10 and (not head) and (not total or skipped) else _digit(head)
        if not digit:
            return None
        total, rest, before = total + digit * value, tail, value
    if not rest:
        return total
    last = _digit(rest.lstrip("零〇")) if rest not in {"零", "〇"} else 0
    if last is None or (total and before > 10 and not rest.startswith(("零", "〇"))):
        return None
    return total + last


def _digit(text: str) -> int | None:
    return _DIGITS.get(text)


def _counted(found: re.Match[str]) -> str:
    numeral, after = found.group(1), found.string[found.start() :]
    if _WORDS.match(after) and not _COUNTED_ONES.match(after):
        return numeral
    return _figures(numeral)


def _percent(found: re.Match[str]) -> str:
    whole, fraction = found.groups()
    value = 100 if whole == "百" else number(whole)
    if value is None or (fraction and any(one not in _DIGITS for one in fraction)):
        return found.group()
    digits = "".join(str(_DIGITS[one]) for one in fraction or "")
    return f"{value}.{digits}%" if digits else f"{value}%"


def _figures(numeral: str) -> str:
    """Return the number's figures; whole ten thousands stay 万, as people write them (5万元)."""
    value = number(numeral)
    if value is None:
        return numeral
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if numeral.endswith(unit):
            return f"{value // size}{unit}" if value % size == 0 else numeral
    return str(value)
