"""The file as it was sent: what it is, told by its content and not by its name."""

import tempfile
from pathlib import Path

from knowledge.exchange.errors import ExchangeError
from knowledge.exchange.reading import Watch, read_rows
from knowledge.exchange.sheet import Options, Sheet
from knowledge.imports.models import ImportJob

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def kind_of_content(content: bytes) -> str:
    """Return the ending that fits the content: `.xlsx`, `.jsonl` or `.csv`.

    Raises:
        ExchangeError: it is something else, with what to do about it.
    """
    start = content[:4096]
    if start.startswith(b"PK\x03\x04"):
        return ".xlsx"
    if start.startswith(_OLD_OFFICE):
        raise ExchangeError("这是旧的 .xls 文件，或加了密码：请用 Excel、WPS 打开，另存为 .xlsx")
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc")):
        raise ExchangeError("这不是表格文件，请选择 xlsx 或 csv")
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if plain[:1] == b"<":
        raise ExchangeError("这是网页（HTML），不是表格：请用 Excel、WPS 打开，另存为 .xlsx")
    if b"\0" in start and not start.startswith(_MARKS):
        raise ExchangeError("这不是表格文件，请选择 xlsx 或 csv")
    return ".jsonl" if plain[:1] == b"{" else ".csv"


def sheet_of(job: ImportJob, watch: Watch | None = None) -> Sheet:
    """Read the file that was sent.

    Raises:
        ExchangeError: it cannot be used, or it is kept no longer.
    """
    if job.content is None:
        raise ExchangeError("文件已清除，请重新上传")
    options = Options(department=job.department, category=job.category)
    with tempfile.TemporaryDirectory(prefix="hotline-import-") as folder:
        kind = kind_of_content(job.content)
        path = Path(folder) / f"{Path(job.file_name).stem[:40] or '表格'}{kind}"
        path.write_bytes(job.content)
        return read_rows(path, options, watch)
