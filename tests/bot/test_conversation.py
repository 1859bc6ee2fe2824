"""A citizen talks to the real Rasa and the real action server; only search stands in."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.bot.conftest import ROOT, RasaSide, free_port

HINT = "请用一句话告诉我您想问什么"


class Bot:
    """Both servers, and what the gateway would send them."""

    def __init__(self, url: str, log: Path) -> None:
        self.log = log
        self._client = httpx.Client(base_url=url, timeout=20, trust_env=False)

    def say(self, text: str, sender: str = "someone") -> list[dict[str, Any]]:
        """Return the bot's messages, each as {"text": …} or its custom object."""
        answer = self._client.post(
            "/webhooks/rest/webhook", json={"sender": sender, "message": text}
        )
        assert answer.status_code == 200
        messages: list[dict[str, Any]] = answer.json()
        return [message.get("custom") or {"text": message["text"]} for message in messages]

    def get(self, path: str) -> int:
        """Return the status of a page."""
        return self._client.get(path).status_code

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()


@pytest.fixture(scope="module")
def bot(rasa: RasaSide, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    log = tmp_path_factory.mktemp("rasa") / "rasa.log"
    port, actions_port = free_port(), free_port()
    actions = [sys.executable, "-m", "tests.actions.stand_in", str(actions_port), "0", "5"]
    launcher = [str(rasa.python), "-m", "bot.launcher", "--model", str(model)]
    launcher += ["--port", str(port), "--actions-port", str(actions_port)]
    with (
        log.open("w") as lines,
        subprocess.Popen(
            actions, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as acting,
        subprocess.Popen(launcher, cwd=ROOT, stdout=lines, stderr=lines) as serving,
    ):
        served = Bot(f"http://127.0.0.1:{port}", log)
        try:
            _wait_for(served, serving)
            yield served
        finally:
            served.close()
            acting.terminate()
            serving.terminate()


def _wait_for(bot: Bot, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, bot.log.read_text()[-3000:]
        try:
            if bot.get("/") == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail("Rasa did not start: " + bot.log.read_text()[-3000:])


def test_the_first_message_is_answered_without_delay(bot: Bot) -> None:
    started = time.perf_counter()
    [answer] = bot.say("您好", "first")
    assert "智能助手" in answer["text"]
    assert time.perf_counter() - started < 1


def test_a_question_is_answered_with_what_search_found(bot: Bot) -> None:
    [answer] = bot.say("你好，请问居住证怎么办", "asking")
    assert answer == {
        "kind": "search",
        "query": "你好，请问居住证怎么办",
        "decision": "answer",
        "hits": [{"entry_id": 11, "matched_phrasing": "问法11", "score": 0.97}],
        "took_ms": 1.5,
    }


def test_a_citizen_looks_at_two_options_and_neither_is_right(bot: Bot) -> None:
    [offered] = bot.say("社保怎么交", "choosing")
    assert offered["decision"] == "clarify"
    assert bot.say("第二个", "choosing") == [{"kind": "chosen", "entry_id": 22}]
    assert bot.say("最后一个呢", "choosing") == [{"kind": "chosen", "entry_id": 23}]
    [again] = bot.say("9", "choosing")
    assert "1–3" in again["text"]
    assert bot.say("都不是", "choosing") == [{"kind": "none_of_these"}]


def test_the_gateways_commands_choose_too(bot: Bot) -> None:
    bot.say("社保怎么交", "clicking")
    chosen = bot.say('/choose_option{"option_number": "2"}', "clicking")
    assert chosen == [{"kind": "chosen", "entry_id": 22}]
    assert bot.say("/none_of_these", "clicking") == [{"kind": "none_of_these"}]


def test_a_new_search_clears_the_list(bot: Bot) -> None:
    bot.say("社保怎么交", "moving on")
    bot.say("居住证怎么办", "moving on")
    [hint] = bot.say("1", "moving on")
    assert hint["text"].startswith(HINT)


def test_a_list_is_nobody_elses(bot: Bot) -> None:
    bot.say("社保怎么交", "one")
    [hint] = bot.say("1", "another")
    assert hint["text"].startswith(HINT)


def test_parting_clears_the_list(bot: Bot) -> None:
    bot.say("社保怎么交", "leaving")
    [farewell] = bot.say("再见", "leaving")
    assert farewell["text"].startswith("再见")
    [hint] = bot.say("1", "leaving")
    assert hint["text"].startswith(HINT)


def test_the_way_to_a_person(bot: Bot) -> None:
    assert bot.say("转人工", "person") == [{"kind": "handoff"}]


def test_chatter_is_declined_only_after_retrieval_found_nothing(bot: Bot) -> None:
    declined, logged = bot.say("给我讲个笑话吧", "joking")
    assert "不在 12345 热线的解答范围内" in declined["text"]
    assert (logged["kind"], logged["decision"]) == ("out_of_scope", "no_answer")
    [found] = bot.say("讲个社保的笑话", "joking")
    assert found["kind"] == "search"


def test_without_a_result_there_is_no_message_and_the_next_turn_works(bot: Bot) -> None:
    assert bot.say("坏了怎么办理报修手续", "failing") == []
    assert bot.say("慢一点办理可以吗", "failing") == []
    [answer] = bot.say("居住证怎么办", "failing")
    assert answer["decision"] == "answer"


def test_a_long_conversation_does_not_slow_down(bot: Bot) -> None:
    took = []
    for _ in range(120):
        started = time.perf_counter()
        assert bot.say("社保怎么交", "talkative")[0]["decision"] == "clarify"
        took.append(time.perf_counter() - started)
    assert sum(took[-20:]) < 2 * sum(took[20:40])
    assert bot.say("2", "talkative") == [{"kind": "chosen", "entry_id": 22}]


def test_nothing_of_the_talk_is_in_the_log(bot: Bot) -> None:
    log = bot.log.read_text(encoding="utf-8")
    assert "Starting Rasa server on http://127.0.0.1" in log
    assert "DeprecationWarning" not in log
    assert "Traceback" not in log
    for text in ("坏了", "慢一点", "社保", "居住证"):
        assert text not in log


def test_the_http_api_is_off(bot: Bot) -> None:
    assert bot.get("/conversations/choosing/tracker") == 404
    assert bot.get("/domain") == 404
