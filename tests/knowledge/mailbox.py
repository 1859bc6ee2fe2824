"""A small SMTP server on a port of its own, for the tests of reminders."""

import asyncio
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Mailbox:
    """Keeps what it is sent; `refuse` maps an address, or `*` for all, to what it answers."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.refuse: dict[str, str] = {}
        self.greeting = "220 mailbox"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            await self._server.wait_closed()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def to(self) -> list[str]:
        return sorted(one for recipients, _ in self.received for one in recipients)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []

        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        await say(self.greeting)
        while line := await reader.readline():
            command = line.decode().strip()
            word = command.upper()
            if word.startswith("RCPT"):
                address = command.partition("<")[2].partition(">")[0]
                answer = self.refuse.get(address) or self.refuse.get("*") or "250 ok"
                recipients += [address] if answer == "250 ok" else []
                await say(answer)
            elif word == "DATA":
                await say("354 go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                message: Any = message_from_bytes(content[:-5], policy=policy.default)
                self.received.append((recipients, message))
                recipients = []
                await say("250 taken")
            elif word == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 ok")
        writer.close()
