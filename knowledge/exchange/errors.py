"""What can be wrong with an exchange file, and with a cell of it."""

from knowledge.errors import KnowledgeError


class ExchangeError(KnowledgeError):
    """The file as a whole cannot be used; nothing was written."""


class CellError(KnowledgeError):
    """A cell that cannot be taken.

    `reason` reads on from the column's name (“是公式”), `mend` says what to do.
    """

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}，{mend}")
        self.reason = reason
        self.mend = mend
