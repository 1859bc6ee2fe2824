"""Pictures and videos that an answer names."""

import re

OWN = re.compile(r"/pictures/[0-9a-f]{64}")
VIDEO = re.compile(r"视频\s*[：:]")
_PICTURE = re.compile(r"!\[([^\]\n]*)\]\(\s*<?([^\s)>]*)")
_VIDEO_LINK = re.compile(r"(?<!!)\[视频\s*[：:]([^\]\n]*)\]\(\s*<?([^\s)>]*)")


def picture_problems(answer: str) -> dict[str, str]:
    """Tell which picture says nothing to who cannot see it, and which video is not safe to open."""
    for alt, address in _PICTURE.findall(answer):
        if OWN.fullmatch(address) and not alt.strip():
            return {"answer": "答案里有一张图片没有说明，请在“![”和“]”之间写明图上是什么"}
    for title, address in _VIDEO_LINK.findall(answer):
        if not address.casefold().startswith("https://"):
            return {
                "answer": f"视频“{title.strip()[:20]}”的网址要以 https:// 开头，请换成这样的网址"
            }
    return {}
