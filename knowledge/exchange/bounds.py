"""How large a file may be; looked at before anything is parsed."""

import zipfile
import zlib
from pathlib import Path

from knowledge.exchange.errors import ExchangeError

FILE_BYTES = 50 * 2**20
ROWS = 20_000
COLUMNS = 50
CELL_LENGTH = 32_767  # what an Excel cell holds

ZIP_MEMBERS = 1_000
UNPACKED_BYTES = 300 * 2**20
RATIO = 200  # real workbooks stay under 100; deflate reaches 1,000 on nothing but repetition
RATIO_FROM_BYTES = 10 * 2**20
TAGS = 12_000_000  # "<" signs: twice what a full sheet of ROWS x COLUMNS cells needs
PORTION = 2**20


def require_size(path: Path) -> None:
    """Make sure that `path` is a file of bearable size.

    Raises:
        ExchangeError: missing, not a file, empty, or too large.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ExchangeError(f"无法读取 {path}：文件不存在，或没有权限") from error
    if not path.is_file():
        raise ExchangeError(f"{path} 不是文件")
    if size == 0:
        raise ExchangeError(f"{path.name} 是空文件")
    if size > FILE_BYTES:
        raise ExchangeError(
            f"{path.name} 有 {size / 2**20:.1f} MB，最多 {FILE_BYTES // 2**20} MB，请拆成几个文件"
        )


def require_modest_archive(path: Path) -> None:
    """Make sure that a workbook (a zip file) unpacks to something bearable.

    Its directory is believed only as far as it refuses; then each member is unpacked
    once, in portions, which finds damage and counts what a parser would build.

    Raises:
        ExchangeError: not a zip file, damaged, or a zip bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _require_modest_directory(path, members)
            tags = sum(_tags(archive, member) for member in members)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError) as error:
        raise ExchangeError(
            f"{path.name} 不是有效的 xlsx 文件，或已损坏；旧的 .xls 和加密文件请先另存为 .xlsx"
        ) from error
    except (NotImplementedError, RuntimeError) as error:
        raise ExchangeError(f"{path.name} 有密码或压缩方式特殊，请用 Excel 另存后再导入") from error
    if tags > TAGS:
        raise ExchangeError(f"{path.name} 里的单元格太多，请只保留要导入的行和列")


def _require_modest_directory(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > ZIP_MEMBERS:
        raise ExchangeError(f"{path.name} 里有 {len(members)} 个部件，不像正常的表格，已拒绝打开")
    unpacked = sum(member.file_size for member in members)
    swollen = any(
        member.file_size > RATIO_FROM_BYTES
        and member.file_size > RATIO * max(member.compress_size, 1)
        for member in members
    )
    if unpacked > UNPACKED_BYTES or swollen:
        raise ExchangeError(
            f"{path.name} 解压后有 {unpacked / 2**20:.0f} MB，像是压缩炸弹，已拒绝打开；"
            "请把要导入的行复制到新的表格里再试"
        )


def _tags(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    count = 0
    with archive.open(member) as file:
        while portion := file.read(PORTION):
            count += portion.count(b"<")
    return count
