"""`hotline bench`: encoding, search, publishing, chat turns, start-up, memory."""

import json
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import httpx
import numpy as np
import psutil

from knowledge.settings import load_settings
from web.serving.stack import Stack

WHAT = (
    "居住证",
    "公积金",
    "营业执照",
    "医保",
    "社保卡",
    "老年证",
    "残疾证",
    "驾驶证",
    "房产证",
    "护照",
)
VERBS = (
    "怎么办理",
    "在哪里办",
    "要什么材料",
    "多久能办好",
    "怎么续期",
    "丢了怎么补办",
    "能网上办吗",
    "要多少钱",
)
WHO = ("我", "老人", "外地人", "企业", "学生", "新生儿", "退休人员", "个体户", "港澳居民", "残疾人")
HOW = ("", "请问", "急", "想问一下", "听说")
SIZES = (1_000, 20_000)
SECONDS = 8.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="只输出 JSON")
@click.option("--quick", is_flag=True, help="不测 20,000 条问法（首次编码要几分钟）")
def bench(as_json: bool, quick: bool) -> None:
    """测速：编码、检索、发布到可查、对话、启动、内存；用临时的数据，不碰现有知识库。"""
    figures: dict[str, Any] = {}
    say: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    say("编码和检索 …")
    figures |= _search(SIZES[:1] if quick else SIZES)
    say("启动整套系统 …")
    figures |= _system()
    click.echo(json.dumps(figures, ensure_ascii=False, indent=2))


def phrasings(count: int) -> list[str]:
    """Return `count` different questions, made of what, who and how."""
    found = [
        f"{how}{who}{number or ''}的{what}{verb}"
        for number in range(10)
        for what in WHAT
        for verb in VERBS
        for who in WHO
        for how in HOW
    ]
    return found[:count]


def _search(sizes: Sequence[int]) -> dict[str, Any]:
    from embeddings.index import Document
    from knowledge.search.service import build_index

    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    index = build_index(settings)  # its cache keeps the vectors for the next run
    queries = [
        f"{who}要办{what}，{verb}呢" for who in WHO[:5] for what in WHAT for verb in VERBS[:4]
    ]
    figures: dict[str, Any] = {}
    for size in sizes:
        texts = phrasings(size)
        index.rebuild(
            Document(at, tuple(texts[at * 5 : at * 5 + 5])) for at in range(len(texts) // 5)
        )
        for query in queries[:5]:
            index.search(query)
        encode, search = _times([index.encode_only, index.search], queries)
        figures[f"index_{size}"] = {
            "encode_query_ms": encode,
            "search_ms": search,
            "search_beyond_encoding_ms": round(search["p50"] - encode["p50"], 1),
            "suggest_ms": _times([lambda query: index.suggest(query[:6])], queries)[0],
        }
    return figures


def _times(
    actions: Sequence[Callable[[str], object]], texts: Sequence[str]
) -> list[dict[str, float]]:
    """Time actions in turn, so that what slows the machine slows all of them."""
    taken: list[list[float]] = [[] for _ in actions]
    for text in texts:
        for action, times in zip(actions, taken, strict=True):
            started = time.perf_counter()
            action(text)
            times.append((time.perf_counter() - started) * 1000)
    return [_spread(times) for times in taken]


def _spread(taken: Sequence[float]) -> dict[str, float]:
    return {
        "p50": round(float(np.percentile(taken, 50)), 1),
        "p95": round(float(np.percentile(taken, 95)), 1),
    }


def _system() -> dict[str, Any]:
    unlimited = ("MESSAGES_PER_MINUTE", "ADDRESS_MESSAGES_PER_MINUTE", "CONVERSATIONS_PER_HOUR",
                 "SEARCHES_PER_MINUTE")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        stack = Stack(Path(folder), {f"HOTLINE_{name}": "1000000" for name in unlimited})
        try:
            first = stack.start()
            passwords = dict(re.findall(r"^    (\w+) +(\S{14})  ", stack.said(), re.MULTILINE))
            stack.stop()
            again = stack.start()
            figures = {
                "start_seconds": {"first": round(first, 1), "again": round(again, 1)},
                "publish_to_searchable_seconds": _publish(stack, passwords["editor"]),
                "turn_1_at_once": _turns(stack, 1),
                "turn_8_at_once": _turns(stack, 8),
                "memory_mb": _memory(stack),
            }
        finally:
            stack.stop()
    return figures


def _turns(stack: Stack, at_once: int) -> dict[str, float]:
    """Let so many citizens talk for some seconds, each in a conversation of its own."""
    questions = phrasings(400)[:: 400 // 40]
    until = time.monotonic() + SECONDS

    def talk(number: int) -> tuple[list[float], int]:
        taken: list[float] = []
        errors = 0
        with httpx.Client(base_url=f"{stack.url}/api/v1", trust_env=False, timeout=20) as client:
            opened = client.post("/conversations").json()
            headers = {"Authorization": f"Bearer {opened['token']}"}
            path = f"/conversations/{opened['id']}/messages"
            at = number * 5
            while time.monotonic() < until:
                started = time.perf_counter()
                answer = client.post(
                    path, json={"text": questions[at % len(questions)]}, headers=headers
                )
                taken.append((time.perf_counter() - started) * 1000)
                good = answer.status_code == 200 and answer.json()["messages"]
                errors += not good
                at += 1
        return taken, errors

    started = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(talk, range(at_once)))
    seconds = time.monotonic() - started
    taken = [one for times, _ in results for one in times]
    return {
        "p50_ms": round(float(np.percentile(taken, 50)), 1),
        "p95_ms": round(float(np.percentile(taken, 95)), 1),
        "turns_per_second": round(len(taken) / seconds, 1),
        "errors": sum(errors for _, errors in results),
    }


def _publish(stack: Stack, password: str) -> float:
    """Publish a new wording as a clerk; wait until search has it. The median of five, seconds."""
    taken = []
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client:
        _post(client, "/login", "/login", username="editor", password=password)
        for number in range(5):
            page = client.get("/department/entries/new").text
            category = re.search(r'<option value="([1-9]\d*)"', page.split('id="category"')[1])
            question = f"第{number}号测速用的问题怎么办？"
            started = time.perf_counter()
            _post(
                client,
                "/department/entries/new",
                "/department/entries/new",
                standard_question=question,
                answer="测速。",
                category=category.group(1) if category else "",
                audience="个人",
                action="publish",
            )
            while time.perf_counter() - started < 20:
                hits = client.get("/api/v1/search", params={"q": question}).json()["results"]
                if hits and hits[0]["question"] == question:
                    break
                time.sleep(0.02)
            taken.append(time.perf_counter() - started)
    return round(statistics.median(taken), 2)


def _post(client: httpx.Client, form: str, path: str, **fields: str) -> None:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(form).text)
    client.post(path, data=fields | {"csrf_token": found.group(1) if found else ""})


def _memory(stack: Stack) -> dict[str, int]:
    """Return each process's proportional set size in MB: shared pages are counted once."""
    processes = [psutil.Process(stack.pid), *psutil.Process(stack.pid).children(recursive=True)]
    kinds = ("gunicorn", "actions.server", "bot.launcher", "supervisor.supervisord", "web.cli")
    figures: dict[str, int] = {}
    for process in processes:
        command = " ".join(process.cmdline())
        name = next((kind for kind in kinds if kind in command), "other")
        figures[name] = figures.get(name, 0) + int(process.memory_full_info().pss / 2**20)
    return figures | {"total": sum(figures.values())}
