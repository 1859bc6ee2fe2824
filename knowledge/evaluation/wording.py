"""Figures in words, for people who never heard of recall."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from embeddings.index import SHOWN
from knowledge.evaluation.comparison import FIGURES, figure
from knowledge.evaluation.result import VERDICT_HELP, VERDICT_NAMES, Result, Verdict


@dataclass(frozen=True)
class Line:
    """A figure: its name, how it reads, what it means."""

    name: str
    text: str
    meaning: str = ""


@dataclass(frozen=True)
class Change:
    """A figure before and after, and the difference; `better` is None where neither is."""

    name: str
    before: str
    after: str
    difference: str
    better: bool | None


# path: name, meaning, whether more is better, unit
_SHARE, _PLAIN = "%", ""
_WORDS: dict[str, tuple[str, str, bool, str]] = {
    "lenient_at_1": ("第一条就对", "排第一的条目是应命中的，或也可以的", True, _SHARE),
    "recall_at_1": ("第一条就是应命中", "不算“也可以”的条目", True, _SHARE),
    "recall_at_5": ("前 5 条里有", "前 5 条里有应命中的条目", True, _SHARE),
    "recall_at_10": ("前 10 条里有", "前 10 条里有应命中的条目", True, _SHARE),
    "mrr_at_10": ("平均倒数名次", "越接近 1，应命中的条目排得越靠前", True, _PLAIN),
    "decisions.answer.share": ("直接回答的比例", "知识库答得了的问题里", True, _SHARE),
    "decisions.answer.precision": ("直接回答的准确率", "直接回答里答对的", True, _SHARE),
    "decisions.clarify.share": ("反问的比例", "请市民从备选里挑一个", False, _SHARE),
    "decisions.clarify.contains": (
        "备选里有答案的比例",
        f"反问时前 {SHOWN} 条里有应命中的",
        True,
        _SHARE,
    ),
    "decisions.no_answer.share": ("说不知道的比例", "其实答得了，却说不知道", False, _SHARE),
    "out_of_scope.refused": ("该拒答的拒答了", "知识库答不了的问题，说不知道", True, _SHARE),
    "out_of_scope.answered": ("该拒答的却直接回答", "知识库答不了的问题里", False, _SHARE),
    "out_of_scope.auroc": ("答得了与答不了的区分度", "1 是完全分开，0.5 是分不开", True, _PLAIN),
    "calibration.ece": ("概率的平均误差", "第一条的概率与实际对的比例相差多少", False, _SHARE),
}


def lines(metrics: dict[str, Any]) -> list[Line]:
    """Return the figures that there are, in the order in which people ask for them."""
    outside = metrics.get("out_of_scope", {}).get("queries", 0)
    told = [
        Line("条目", f"{metrics['entries']:,}", f"共 {metrics['phrasings']:,} 条问法"),
        Line("应答得了的问题", f"{metrics['queries']:,}"),
        Line("应当拒答的问题", f"{outside:,}"),
    ]
    for path, (name, meaning, _, unit) in _WORDS.items():
        value = figure(metrics, path)
        if value is not None:
            told.append(Line(name, _text(value, unit), meaning))
    latency = metrics["latency_ms"]
    told.append(Line("检索耗时", f"{latency['p50']} 毫秒", f"95% 在 {latency['p95']} 毫秒以内"))
    return told


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Return how the main figures changed; one that only one side has is left out."""
    told = []
    for path in FIGURES:
        name, _, more, unit = _WORDS[path]
        old, new = figure(before, path), figure(after, path)
        if old is None or new is None:
            continue
        gap = new - old
        better = None if abs(gap) < 0.00005 else (gap > 0) is more
        told.append(Change(name, _text(old, unit), _text(new, unit), _gap(gap, unit), better))
    return told


def verdicts(results: Iterable[Result]) -> list[Line]:
    """Return how many questions ended in which way; ways that did not occur are left out."""
    counted = Counter(result.verdict for result in results)
    total = sum(counted.values())
    return [
        Line(VERDICT_NAMES[verdict], f"{counted[verdict]:,}（{counted[verdict] / total:.1%}）",
             VERDICT_HELP[verdict])
        for verdict in Verdict
        if counted[verdict]
    ]  # fmt: skip


def expected(result: Result) -> str:
    """Return what was expected, one entry a line."""
    named = [str(one) for one in result.expected]
    named += [f"也可以：{one}" for one in result.also_ok]
    return "\n".join(named) or "（知识库答不了，应当说不知道）"


def rank(result: Result, depth: int) -> str:
    """Return the rank of the expected entry among the first `depth`, in words."""
    if not result.expected:
        return "—"
    return f"第 {result.rank} 名" if result.rank else f"不在前 {depth} 名"


def chance(probability: float | None) -> str:
    """Return a probability as people read it."""
    return "—" if probability is None else f"{probability:.1%}"


def signed(parts: Sequence[int]) -> str:
    """Return counts of won, lost and same questions in one sentence."""
    won, lost, same = parts
    return f"变好 {won} 题，变差 {lost} 题，不变 {same} 题"


def _text(value: float, unit: str) -> str:
    return f"{value:.1%}" if unit == _SHARE else f"{value:.3f}"


def _gap(gap: float, unit: str) -> str:
    return f"{gap * 100:+.1f} 个百分点" if unit == _SHARE else f"{gap:+.3f}"
