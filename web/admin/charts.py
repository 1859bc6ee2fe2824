"""Charts as inline SVG: no script, no style of their own; each with the table behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from knowledge.evaluation.result import DECISION_NAMES, Result
from knowledge.evaluation.service import DEPTH

WIDTH, HEIGHT = 360, 232
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 24, 34
LABELLED_FROM = 0.1  # a narrower part of a bar has no room for its label


@dataclass(frozen=True)
class Chart:
    """A drawing, and the same as a table for who cannot see it."""

    title: str
    svg: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def charts(metrics: dict[str, Any], results: Sequence[Result]) -> list[Chart]:
    """Return an evaluation's charts; one that has nothing to show is left out."""
    drawn = [decisions(results)]
    if any(one["count"] for one in metrics["calibration"]["bins"]):
        drawn.append(reliability(metrics["calibration"]))
    if any(not result.outside for result in results):
        drawn.append(ranks(results))
    return drawn


def decisions(results: Sequence[Result]) -> Chart:
    """Draw what the system decided, one bar for what it can answer and one for what it cannot."""
    groups = (("答得了的", False), ("答不了的", True))
    parts, rows, top = [], [], TOP + 8
    for label, outside in groups:
        group = [result for result in results if result.outside is outside]
        if not group:
            continue
        counted = Counter(result.decision for result in group)
        parts.append(_text(LEFT - 34, top - 4, f"{label}问题，{len(group):,} 题", "start"))
        left = float(LEFT - 34)
        for decision, name in DECISION_NAMES.items():
            share = counted[decision] / len(group)
            width = share * (WIDTH - RIGHT - 6)
            parts.append(_rect(left, top, width, 30, f"d-{decision.value}"))
            if share >= LABELLED_FROM:
                parts.append(_text(left + width / 2, top + 20, f"{share:.0%}", "middle", "on"))
            left += width
            rows.append((label, name, f"{counted[decision]:,}", f"{share:.1%}"))
        top += 64
    left = float(LEFT - 34)
    for decision, name in DECISION_NAMES.items():
        parts += [_rect(left, top - 14, 12, 12, f"d-{decision.value}")]
        parts += [_text(left + 18, top - 4, name, "start")]
        left += 96
    told = "，".join(f"{label}问题{name} {share}" for label, name, _, share in rows)
    head = ("问题", "决定", "题数", "比例")
    return Chart("系统的决定", _svg(parts, told, top + 4), head, tuple(rows))


def reliability(calibration: dict[str, Any]) -> Chart:
    """Draw the share of right first hits over the probability that was told for them."""
    filled = [one for one in calibration["bins"] if one["count"]]
    most = max(one["count"] for one in filled)
    parts = _axes("系统给出的概率", "实际对的比例")
    parts.append(_line(_x(0), _y(0), _x(1), _y(1), "ideal"))
    for one in filled:
        left, width = _x(one["from"]), _x(one["to"]) - _x(one["from"])
        height = _y(0) - _y(one["right"])
        parts.append(_rect(left + 1, _y(one["right"]), width - 2, height, "bar"))
        radius = 2 + 4 * (one["count"] / most) ** 0.5
        x, y = _x(one["probability"]), _y(one["right"])
        parts.append(
            Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(x, y, radius)
        )
    rows = tuple(
        (
            f"{one['from']:.0%}–{one['to']:.0%}",
            f"{one['count']:,}",
            f"{one['probability']:.1%}",
            f"{one['right']:.1%}",
        )
        for one in filled
    )
    error = f"{calibration['ece']:.1%}"
    note = f"期望校准误差（ECE，10 档）{error}：点离斜线越近，概率越可信；点越大，题越多。"
    told = f"期望校准误差 {error}；" + "，".join(f"{row[0]} 实际对 {row[3]}" for row in rows)
    head = ("概率", "题数", "平均概率", "实际对的")
    return Chart("概率可信吗", _svg(parts, told), head, rows, note)


def ranks(results: Sequence[Result]) -> Chart:
    """Draw how many questions have their expected entry at which rank."""
    inside = [result for result in results if not result.outside]
    counted = Counter(result.rank for result in inside)
    places: list[int | None] = [*range(1, DEPTH + 1), None]
    most = max(counted.values())
    parts = []
    step = (WIDTH - 2 * RIGHT) / len(places)
    base = HEIGHT - BOTTOM
    rows = []
    for at, place in enumerate(places):
        count = counted[place]
        height = count / most * (base - TOP - 16)
        left = RIGHT + at * step
        parts.append(_rect(left + 2, base - height, step - 4, height, "bar" if place else "miss"))
        middle = left + step / 2
        if count:
            parts.append(_text(middle, base - height - 4, f"{count:,}", "middle"))
        parts.append(_text(middle, base + 16, str(place) if place else "没有", "middle"))
        name = f"第 {place} 名" if place else f"不在前 {DEPTH} 名"
        rows.append((name, f"{count:,}", f"{count / len(inside):.1%}"))
    parts.append(_line(RIGHT, base, WIDTH - RIGHT, base, "axis"))
    told = "，".join(f"{name} {count} 题" for name, count, _ in rows if count != "0")
    head = ("名次", "题数", "比例")
    return Chart("应命中的条目排第几", _svg(parts, told), head, tuple(rows))


def _axes(below: str, beside: str) -> list[Markup]:
    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(_line(_x(0), _y(share), _x(1), _y(share), "grid"))
        parts.append(_text(LEFT - 5, _y(share) + 4, f"{share:.0%}", "end"))
        parts.append(_text(_x(share), HEIGHT - BOTTOM + 15, f"{share:.0%}", "middle"))
    parts.append(_text((_x(0) + _x(1)) / 2, HEIGHT - 3, below, "middle"))
    parts.append(_text(LEFT - 34, TOP - 11, beside, "start"))
    return parts


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT - 8)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _svg(parts: Sequence[Markup], told: str, height: float = HEIGHT) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {:.0f}">{}</svg>'
    ).format(told, WIDTH, height, Markup("").join(parts))


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
    ).format(kind, x, y, max(width, 0), max(height, 0))  # fmt: skip


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup(
        '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'
    ).format(kind, x1, y1, x2, y2)  # fmt: skip


def _text(x: float, y: float, text: str, anchor: str, kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(text)
    )
