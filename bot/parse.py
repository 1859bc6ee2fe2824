# mypy: ignore-errors
"""Reads one message a line and prints what Rasa makes of it, one JSON object a line.

python -m bot.parse --model var/rasa < messages.txt
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.quiet import ROOT, load_jieba, log_from, prepare


async def _answer(model: Path) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(str(model))
    for line in sys.stdin:
        print(json.dumps(await parsed(agent, line.rstrip("\n")), ensure_ascii=False), flush=True)


async def parsed(agent: Any, text: str) -> dict[str, Any]:
    """Return text, intent, confidence (0..1) and the option numbers found."""
    found = await agent.parse_message(text)
    numbers = [item["value"] for item in found["entities"] if item["entity"] == "option_number"]
    return {
        "text": text,
        "intent": found["intent"]["name"],
        "confidence": round(found["intent"]["confidence"], 4),
        "option_numbers": numbers,
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.parse", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="模型所在的文件夹")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        prepare(Path(scratch))
        log_from("ERROR")
        sys.path.insert(0, str(ROOT))
        load_jieba(Path(scratch))
        asyncio.run(_answer(options.model / "model.tar.gz"))


if __name__ == "__main__":
    main()
