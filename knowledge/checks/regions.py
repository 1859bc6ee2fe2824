"""Whether two regions have people in common: one lies in the other, or they are the same."""

import re

EVERYWHERE = frozenset({"", "全国", "国家", "中国"})
_STEP = re.compile(r".+?(?:特别行政区|自治区|自治州|地区|街道|省|市|区|县|旗|盟|镇|乡|社区|村)")


def overlap(one: str, other: str) -> bool:
    """Tell whether an entry of region `one` and one of region `other` can meet a citizen.

    Regions are paths, 省/市/区/街道, of which people leave out the beginning: “海沧区”
    and “福建省厦门市海沧区” are the same, “厦门市” holds both. What nobody can tell apart
    counts as meeting.
    """
    if one.strip() in EVERYWHERE or other.strip() in EVERYWHERE:
        return True
    left, right = steps(one), steps(other)
    if not left or not right or set(left) & set(right):
        return _agree(left, right)
    return one in other or other in one or not _same_rank(left, right)


def steps(region: str) -> tuple[str, ...]:
    """Return the steps of a region from above: 福建省, 厦门市, 海沧区."""
    return tuple(_STEP.findall("".join(region.split()).replace("/", "")))


def _agree(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Tell whether nothing of the same rank differs below what both name."""
    shared = [step for step in left if step in right]
    if not shared:
        return True
    last = shared[-1]
    below, beneath = left[left.index(last) + 1 :], right[right.index(last) + 1 :]
    return not (below and beneath and below[0] != beneath[0])


def _same_rank(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Tell whether they name places of the same rank, which then differ (海沧区, 湖里区)."""
    ranks = {step[-1] for step in left} & {step[-1] for step in right}
    return bool(ranks)
