"""The staff's pages over a large base: each page's median time beside that of `/healthz`."""

import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from werkzeug.serving import WSGIRequestHandler, make_server

from knowledge.benchmarks.office import fill
from knowledge.database import Database
from knowledge.settings import Settings
from web.cli.bench.texts import phrasings
from web.serving.prepare import prepare_base
from web.serving.stack import free_ports

ENTRIES = 20_000
TIMES = 15
MOST = 10.0  # times the health page
LIST = "/department?department=all"
# Who opens it, its name, its address.
PAGES = (
    ("editor", "开始页（采编员）", "/start"),
    ("manager", "开始页（知识管理员）", "/start"),
    ("admin", "开始页（系统管理员）", "/start"),
    ("manager", "条目：全部", LIST),
    ("manager", "条目：第 100 页", f"{LIST}&page=100"),
    ("manager", "条目：最后一页", f"{LIST}&page=9999"),
    ("editor", "条目：本部门", "/department"),
    ("manager", "条目：按分类", f"{LIST}&category={{category}}"),
    ("manager", "条目：已发布", f"{LIST}&state=live"),
    ("manager", "条目：已发布，有修改", f"{LIST}&state=changed"),
    ("manager", "条目：草稿", f"{LIST}&state=draft"),
    ("manager", "条目：已下架", f"{LIST}&state=withdrawn"),
    ("manager", "条目：已过期", f"{LIST}&state=expired"),
    ("manager", "条目：未到生效日", f"{LIST}&state=upcoming"),
    ("manager", "条目：已归档", f"{LIST}&state=archived"),
    ("manager", "条目：该复核了", f"{LIST}&state=review_due"),
    ("manager", "条目：热线终审中", f"{LIST}&state=hotline"),
    ("manager", "条目：按标准问排序", f"{LIST}&sort=question"),
    ("manager", "条目：按部门排序", f"{LIST}&sort=department"),
    ("manager", "条目：按有效期排序", f"{LIST}&sort=until"),
    ("manager", "全文：一个字“证”", f"{LIST}&q=证"),
    ("manager", "全文：两个字“医保”", f"{LIST}&q=医保"),
    ("manager", "全文：四个字“营业执照”", f"{LIST}&q=营业执照"),
    ("manager", "全文：处处都有“身份证原件”", f"{LIST}&q=身份证原件"),
    ("manager", "全文：两个词“老人 护照”", f"{LIST}&q=老人 护照"),
    ("manager", "全文：没有的", f"{LIST}&q=量子力学"),
    ("manager", "全文：并按状态、部门", f"{LIST}&q=公积金&state=live&department={{department}}"),
    ("editor", "条目页", "/department/entries/made-2"),
    ("editor", "全部版本", "/department/entries/made-1/versions"),
    ("manager", "待我处理", "/department/tasks"),
    ("manager", "纠错", "/department/corrections"),
    ("manager", "知识缺口", "/department/gaps"),
    ("admin", "操作记录", "/admin/audit"),
    ("admin", "人员", "/admin/people"),
    ("admin", "部门", "/admin/departments"),
    ("manager", "分类", "/admin/categories"),
)  # fmt: skip
Say = Callable[[str], None]


def measure(size: int = ENTRIES, times: int = TIMES, say: Say = lambda _: None) -> dict[str, Any]:
    """Return the median milliseconds of each page over a base of `size` entries, and its ratio.

    The real app in a base of its own, over real HTTP; between the pages `/healthz`.
    """
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        settings = _settings(Path(folder))
        passwords = {one.username: one.password for one in prepare_base(settings, lambda _: None)}
        say(f"建立 {size:,} 个条目 …")
        values = _fill(settings, size)
        with _served(settings) as url, httpx.Client(base_url=url, trust_env=False) as health:
            clients = {who: _signed_in(url, who, passwords[who]) for who in _people()}
            figures = {
                name: _page(health, clients[who], path.format(**values), times)
                for who, name, path in PAGES
            }
            for client in clients.values():
                client.close()
    return summary(figures)


def summary(figures: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Return each page's median and its ratio to the health page at its side."""
    pages = {
        name: {"ms": round(page, 1), "ratio": round(page / health, 1)}
        for name, (page, health) in figures.items()
    }
    ratios = [one["ratio"] for one in pages.values()]
    return {
        "healthz_ms": round(statistics.median(health for _, health in figures.values()), 2),
        "median_ratio": round(statistics.median(ratios), 1),
        "worst_ratio": max(ratios),
        "pages": pages,
    }


def table(found: dict[str, Any]) -> str:
    """Return the figures for people."""
    lines = [f"/healthz {found['healthz_ms']} 毫秒（中位数）。每页：中位数毫秒，是它的几倍"]
    for name, one in found["pages"].items():
        mark = "✗" if one["ratio"] > MOST else "✓"
        lines.append(f"  {mark} {one['ms']:>7.1f}  {one['ratio']:>5.1f} 倍  {name}")
    lines.append(f"中位的一页 {found['median_ratio']} 倍，最慢的一页 {found['worst_ratio']} 倍")
    return "\n".join(lines)


def _people() -> set[str]:
    return {who for who, _, _ in PAGES}


def _settings(home: Path) -> Settings:
    ports = free_ports(3)
    return Settings(
        home=home, port=ports[0], rasa_port=ports[1], actions_port=ports[2], log_level="WARNING"
    )


def _fill(settings: Settings, size: int) -> dict[str, int]:
    from knowledge.categories.service import leaf_paths
    from knowledge.departments.service import department_named

    database = Database(settings.database)
    try:
        with database.write() as session:
            fill(session, size, phrasings(min(4_000, max(100, size))))
        with database.write() as session:
            if database.is_sqlite:
                session.connection().exec_driver_sql("ANALYZE")
            category = list(leaf_paths(session))[1]
            return {
                "category": category,
                "department": department_named(session, "approval").id,
            }
    finally:
        database.close()


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    """Serve the app; its search index stays shut: no page of these asks it."""
    from web.app import create_app
    from web.services import build_services

    held = build_services(settings)
    server = make_server(
        settings.host, settings.port, create_app(held), threaded=True, request_handler=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{settings.host}:{settings.port}"
    finally:
        server.shutdown()
        thread.join()
        held.close()


class _Quiet(WSGIRequestHandler):
    """Keeps connections open, as the real server does, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


def _signed_in(url: str, who: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=url, trust_env=False, timeout=60)
    page = client.get("/login").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    client.post(
        "/login",
        data={
            "username": who,
            "password": password,
            "csrf_token": token.group(1) if token else "",
        },
    )
    return client


def _page(health: httpx.Client, client: httpx.Client, path: str, times: int) -> tuple[float, float]:
    """Return the median milliseconds of the page and of `/healthz`, each asked in turn."""
    for _ in range(2):
        client.get(path).raise_for_status()
    taken: list[tuple[float, float]] = []
    for _ in range(times):
        taken.append((_took(client, path), _took(health, "/healthz")))
    return _median([page for page, _ in taken]), _median([health for _, health in taken])


def _took(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _median(taken: Sequence[float]) -> float:
    return statistics.median(taken)
