"""One message of a conversation at a time, in the order of arrival (within one process)."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge.errors import KnowledgeError

WAITING = 4


class BusyError(KnowledgeError):
    """Too many messages of one conversation wait, or its turn did not come."""


class Turns:
    """Hands out turns, first in, first out.

    Between processes the lease in the database keeps the turns apart
    (`knowledge.conversations.service.take_turn`).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[threading.Event]] = {}

    @contextmanager
    def turn(self, conversation_id: str, patience: float) -> Iterator[None]:
        """Wait at most `patience` seconds for the turn, then hold it.

        Raises:
            BusyError: the queue is full or the turn did not come in time.
        """
        mine = self._queue_up(conversation_id)
        try:
            if not mine.wait(patience):
                raise BusyError("上一条消息还在处理，请稍等一下再发")
            yield
        finally:
            self._leave(conversation_id, mine)

    def _queue_up(self, conversation_id: str) -> threading.Event:
        mine = threading.Event()
        with self._lock:
            queue = self._queues.setdefault(conversation_id, deque())
            if len(queue) >= WAITING:
                raise BusyError("您发得太快了，前面的消息还在处理，请稍等几秒再发")
            queue.append(mine)
            if queue[0] is mine:
                mine.set()
        return mine

    def _leave(self, conversation_id: str, mine: threading.Event) -> None:
        with self._lock:
            queue = self._queues[conversation_id]
            queue.remove(mine)
            if queue:
                queue[0].set()
            else:
                del self._queues[conversation_id]
