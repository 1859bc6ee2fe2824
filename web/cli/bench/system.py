"""The whole system on ports of its own: start-up, publishing, chat turns, memory."""

import re
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from web.cli.bench.texts import phrasings
from web.serving.stack import Stack

SECONDS = 8.0


def system() -> dict[str, Any]:
    """Measure the running system."""
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
                "publish_to_searchable_seconds": _publish(stack, passwords),
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


def _publish(stack: Stack, passwords: dict[str, str]) -> float:
    """Publish new entries as a manager; wait until search has each. The median of five, seconds."""
    taken = []
    with ExitStack() as opened:
        editor, reviewer, manager = (
            _signed_in(opened, stack, who, passwords[who])
            for who in ("editor", "reviewer", "manager")
        )
        for number in range(5):
            question = f"第{number}号测速用的问题怎么办？"
            page = _submitted(editor, question)
            _post(reviewer, page, f"{page}/pass")
            started = time.perf_counter()
            _post(manager, page, f"{page}/approve")
            while time.perf_counter() - started < 20:
                hits = manager.get("/api/v1/search", params={"q": question}).json()["results"]
                if hits and hits[0]["question"] == question:
                    break
                time.sleep(0.02)
            taken.append(time.perf_counter() - started)
    return round(statistics.median(taken), 2)


def _signed_in(opened: ExitStack, stack: Stack, who: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=stack.url, trust_env=False, timeout=20)
    opened.enter_context(client)
    _post(client, "/login", "/login", username=who, password=password)
    return client


def _submitted(editor: httpx.Client, question: str) -> str:
    """Write an entry and submit it; returns the path of its page."""
    new = "/department/entries/new"
    category = re.search(
        r'<option value="([1-9]\d*)"', editor.get(new).text.split('id="category"')[1]
    )
    answer = _post(
        editor,
        new,
        new,
        standard_question=question,
        answer="测速。",
        category=category.group(1) if category else "",
        audience="个人",
        action="submit",
    )
    return answer.headers["Location"]


def _post(client: httpx.Client, form: str, path: str, **fields: str) -> httpx.Response:
    """Post a form with the hidden fields of the page on which it stands."""
    page = client.get(form).text
    for name in ("csrf_token", "lock_version"):
        found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
        if found:
            fields[name] = found.group(1)
    return client.post(path, data=fields)


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
