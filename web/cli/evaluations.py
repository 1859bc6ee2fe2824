"""What `hotline eval` prints: figures, kept evaluations, what was won and lost."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from knowledge import clock
from knowledge.evaluation.account import Difference, difference, instant, subject
from knowledge.evaluation.comparison import Pair
from knowledge.evaluation.history import (
    STATE_NAMES,
    evaluation,
    evaluations,
    state_of,
)
from knowledge.evaluation.result import VERDICT_NAMES, Result
from knowledge.evaluation.wording import chance
from knowledge.people.actor import system
from web.admin.report import write
from web.cli.context import open_database

ACTOR = system("命令行")


def table(figures: dict[str, Any]) -> str:
    """Return the figures, one a line."""
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{name}.{inner:<22} {text}" for inner, text in value.items()]
        else:
            lines.append(f"{name:<30} {value}")
    return "\n".join(line for line in lines if not line.startswith("calibration.bins"))


def print_history(as_json: bool) -> None:
    """List the newest evaluations."""
    with open_database() as database, database.read() as session:
        listed = evaluations(session, ACTOR)
    if as_json:
        told = [
            {
                "id": one.id,
                "name": one.name,
                "file": one.file_name,
                "by": one.actor_name,
                "started_at": clock.local(one.started_at).isoformat(timespec="seconds"),
                "state": state_of(one).value,
                "revision": one.revision,
                "models": one.models,
                "questions": one.total,
                "metrics": one.metrics,
            }
            for one in listed
        ]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    if not listed:
        click.echo("还没有评测。运行 hotline eval --queries 文件 开始第一次。")
    for one in listed:
        right = (one.metrics or {}).get("lenient_at_1")
        click.echo(
            f"{one.id:>5}  {instant(one.started_at)}  {STATE_NAMES[state_of(one)]}  "
            f"{one.total} 题  第一条就对 {chance(right)}  {one.name}  "
            f"（{subject(one.revision)}，{one.actor_name}）"
        )


def print_comparison(before: str, after: str, reports: Sequence[Path], as_json: bool) -> None:
    """Tell what the evaluation `after` won and lost against `before`."""
    with open_database() as database, database.read() as session:
        told = difference(evaluation(session, ACTOR, before), evaluation(session, ACTOR, after))
    for path in reports:
        write(path, told)
    if as_json:
        click.echo(json.dumps(_as_json(told), ensure_ascii=False, indent=2))
        return
    for name, text in told.facts:
        click.echo(f"{name}：{text}")
    for one in told.figures:
        click.echo(f"  {one.name}：{one.before} → {one.after}（{one.difference}）")
    found = told.comparison
    _print_pairs("变好", found.won)
    _print_pairs("变差", found.lost)
    click.echo(f"变好 {len(found.won)} 题，变差 {len(found.lost)} 题，不变 {found.same} 题。")
    apart = {
        "应命中改过": found.altered,
        "只在之前有": found.only_before,
        "只在之后有": found.only_after,
    }
    for name, group in apart.items():
        if group:
            click.echo(f"{name}的 {len(group)} 题，不计得失。")
    tell_reports(reports)


def tell_reports(reports: Sequence[Path]) -> None:
    """Say where reports were written."""
    for path in reports:
        click.echo(f"已写报告 {path}。")


def _print_pairs(kind: str, pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        old, new = VERDICT_NAMES[pair.before.verdict], VERDICT_NAMES[pair.after.verdict]
        click.echo(f"  {kind}：{pair.after.text}  {old} → {new}  现在排第一：{pair.after.first}")


def _as_json(told: Difference) -> dict[str, Any]:
    found = told.comparison

    def pairs(group: Sequence[Pair]) -> list[dict[str, Any]]:
        return [{"before": p.before.as_json(), "after": p.after.as_json()} for p in group]

    def results(group: Sequence[Result]) -> list[dict[str, Any]]:
        return [one.as_json() for one in group]

    return {
        "won": pairs(found.won),
        "lost": pairs(found.lost),
        "same": found.same,
        "altered": pairs(found.altered),
        "only_before": results(found.only_before),
        "only_after": results(found.only_after),
        "figures": [vars(one) for one in told.figures],
    }
