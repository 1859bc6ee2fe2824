"""Pictures: read by content, drawn anew, kept by their hash.

Only the pixels stay: place and time of a photograph, names, comments, whatever was hidden
behind the picture do not. Of a moving picture the first frame is kept.
"""

import hashlib
import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from knowledge import clock
from knowledge.audit.service import record
from knowledge.errors import ContentError, NotAllowedError, NotFoundError
from knowledge.people.actor import Actor, Right
from knowledge.pictures.models import Picture

PICTURE_BYTES = 2_000_000
PIXELS = 40_000_000  # what a telephone's camera makes; about 160 MB while it is drawn anew
SIDE = 1600  # pixels; more than a page shows at any zoom
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
JPEG_QUALITY = 85


def add_picture(session: Session, actor: Actor, sent: bytes) -> Picture:
    """Keep a picture; the same one sent twice is kept once.

    Raises:
        NotAllowedError: the person edits no entries.
        ContentError: empty, too large, not a PNG, JPEG, WebP or GIF, or damaged.
    """
    if not actor.may(Right.EDIT_ENTRIES):
        raise NotAllowedError("您不能上传图片")
    content, media_type, (width, height) = drawn_anew(sent)
    name = hashlib.sha256(content).hexdigest()
    found = session.get(Picture, name)
    if found is not None:
        return found
    picture = Picture(
        hash=name,
        media_type=media_type,
        content=content,
        width=width,
        height=height,
        uploaded_by=actor.name,
        uploaded_at=clock.now(),
    )
    session.add(picture)
    session.flush()
    after = {"hash": name, "kind": media_type}
    record(session, actor, "picture_uploaded", f"picture:{name[:12]}", after=after)
    return picture


def picture_named(session: Session, name: str) -> Picture:
    """Return the picture with this hash.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Picture, name)
    if found is None:
        raise NotFoundError("没有这张图片")
    return found


def drawn_anew(sent: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return the picture's pixels as a new file, its media type, width and height in pixels.

    Raises:
        ContentError: as in `add_picture`.
    """
    if not sent:
        raise _wrong("请选择一张图片")
    if len(sent) > PICTURE_BYTES:
        raise _wrong(f"图片有 {len(sent) / 1e6:.1f} MB，最多 2 MB，请缩小后再上传")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(sent), formats=FORMATS) as opened:
                return _encoded(opened)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _wrong("这不是 PNG、JPEG、WebP 或 GIF 图片，请换一张") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise _wrong("这张图片已损坏，打不开，请重新导出后再上传") from error


def _encoded(opened: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    if opened.width * opened.height > PIXELS:
        raise _too_many_pixels()
    photograph = opened.format == "JPEG"
    if photograph:
        opened.draft("RGB", (SIDE, SIDE))  # a large one is read at half the size, or a quarter
    upright = ImageOps.exif_transpose(opened)
    plain = upright.convert("RGB" if photograph else "RGBA")
    plain.thumbnail((SIDE, SIDE))
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    out = io.BytesIO()
    if photograph:
        bare.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
        return out.getvalue(), "image/jpeg", bare.size
    if opened.format == "WEBP":
        bare.save(out, "WEBP", quality=JPEG_QUALITY)
        return out.getvalue(), "image/webp", bare.size
    bare.save(out, "PNG", optimize=True)
    return out.getvalue(), "image/png", bare.size


def _wrong(told: str) -> ContentError:
    return ContentError({"file": told})


def _too_many_pixels() -> ContentError:
    return _wrong(f"图片的像素太多，最多 {PIXELS // 10_000:,} 万，请缩小后再上传")
