"""Pictures: only pixels stay, whatever a file calls itself and whatever it hides."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from knowledge.database import Database
from knowledge.errors import ContentError, NotAllowedError
from knowledge.people.actor import Actor, Role
from knowledge.pictures.models import Picture
from knowledge.pictures.service import PICTURE_BYTES, add_picture, drawn_anew, picture_named
from tests.knowledge.office import Office

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def picture(kind: str, size: tuple[int, int] = (40, 20), **more: Any) -> bytes:
    out = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 pixels wide and high."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
def test_each_kind_is_drawn_anew(kind: str, media_type: str) -> None:
    content, found, size = drawn_anew(picture(kind) + b"<script>alert(1)</script>")
    assert (found, size) == (media_type, (40, 20))
    assert b"script" not in content
    assert Image.open(io.BytesIO(content)).size == (40, 20)


def test_where_a_photograph_was_taken_does_not_stay() -> None:
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION] = "SECRETPHONE", 6
    exif[GPS] = {1: "N", 2: (24.0, 28.0, 0.0)}
    content, _, size = drawn_anew(picture("JPEG", exif=exif, comment=b"SECRETWORDS"))
    assert size == (20, 40)  # it was lying on its side
    assert b"SECRET" not in content
    assert not Image.open(io.BytesIO(content)).getexif()


def test_a_large_photograph_becomes_small() -> None:
    assert drawn_anew(picture("JPEG", (4000, 1000)))[2] == (1600, 400)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", "选择"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "这不是"),
        (b"GIF89a<script>", "这不是"),
        (b"%PDF-1.7", "这不是"),
        (b"BM" + b"\0" * 60, "这不是"),
        (picture("PNG", (300, 300))[:200], "损坏"),
        (bomb(), "像素太多"),
        (b"\x89PNG" + b"\0" * PICTURE_BYTES, "最多 2 MB"),
    ],
)
def test_anything_else_is_refused(sent: bytes, told: str) -> None:
    with pytest.raises(ContentError, match=told):
        drawn_anew(sent)


def test_the_same_picture_is_kept_once_and_only_for_editors(database: Database) -> None:
    office = Office(database)
    with database.write() as session:
        first = add_picture(session, office.wang, picture("PNG"))
        second = add_picture(session, office.li, picture("PNG"))
        assert first is second
        assert session.query(Picture).count() == 1
        assert picture_named(session, first.hash).uploaded_by == "王采编"
    operator = Actor(9, "话务员", None, frozenset({Role.OPERATOR}))
    with pytest.raises(NotAllowedError), database.write() as session:
        add_picture(session, operator, picture("PNG"))
