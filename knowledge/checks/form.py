"""Checks of form: what can be seen in an entry's own text, without any other entry."""

import re
from collections.abc import Iterator
from datetime import date

from embeddings.text.normalise import key
from knowledge.checks.findings import Finding, blocking, notice
from knowledge.checks.lists import Lists
from knowledge.checks.markdown import structure
from knowledge.checks.terms import named_files, stands_in
from knowledge.entries.content import EntryContent, phrasing_key
from knowledge.privacy.redaction import personal_data

CHARACTERS_A_SECOND = 4.5  # how fast an operator reads aloud
ALOUD_SECONDS = 60
_MARKS = re.compile(r"[\s#*_`>|\-]+")
_WHAT = {
    "mobile": "手机号码",
    "id_card": "身份证号",
    "old_id_card": "身份证号",
    "bank_card": "银行卡号或账号",
    "email": "邮箱",
}


def check(content: EntryContent, lists: Lists, today: date) -> list[Finding]:
    """Return what is found in `content`, with the staff's `lists` in force."""
    return [
        *_words(content, lists),
        *_personal(content),
        *_basis(content, lists),
        *_validity(content, today),
        *_aloud(content),
        *_repeated(content),
        *structure(content.answer),
    ]


def texts(content: EntryContent) -> Iterator[tuple[str, str]]:
    """Yield each text of `content` with the name of its field."""
    yield "standard_question", content.standard_question
    for text in content.similar_questions:
        yield "similar_questions", text
    for text in content.negative_questions:
        yield "negative_questions", text
    yield "answer", content.answer
    yield "spoken_answer", content.spoken_answer
    yield "issuing_body", content.issuing_body
    yield "legal_basis", content.legal_basis
    yield "region", content.region


def _words(content: EntryContent, lists: Lists) -> Iterator[Finding]:
    """Citizens' own words may be rude; what the hotline says may not."""
    seen = set()
    for field, text in texts(content):
        asked = field in {"similar_questions", "negative_questions"}
        for word in () if asked else lists.words:
            if (field, word.text) not in seen and stands_in(word.text, text):
                seen.add((field, word.text))
                found = blocking if word.blocking else notice
                told = "是禁用词" if word.blocking else "说得太满，或像广告"
                yield found(field, word.text, f"“{word.text}”{told}", "换成事实，写清条件，或删去")


def _personal(content: EntryContent) -> Iterator[Finding]:
    for field, text in texts(content):
        for found in personal_data(text):
            if found.kind == "landline":
                continue  # an office's own number is what people need
            what, masked = _WHAT[found.kind], masked_of(found.text)
            if found.kind == "email":
                yield notice(
                    field, masked, "这里有一个邮箱", "确认是单位的公开邮箱；个人邮箱请删去"
                )
            else:
                yield blocking(
                    field, masked, f"这里像是{what}", "删去，或换成单位公开的座机、热线号码"
                )


def masked_of(text: str) -> str:
    """Return personal data with its middle hidden: what is found must not be spread."""
    plain = "".join(text.split())
    kept = 3 if len(plain) >= 8 else 1
    return f"{plain[:kept]}{'*' * 4}{plain[-2:]}"


def _basis(content: EntryContent, lists: Lists) -> Iterator[Finding]:
    if not phrasing_key(content.legal_basis):
        yield notice(
            "legal_basis", "", "没有写办理依据", "补上文件名称和文号；确实没有文件的可以不写"
        )
    for field in ("legal_basis", "answer", "spoken_answer"):
        for file, words in named_files(getattr(content, field), lists.repealed):
            since = f"，{file.since.isoformat()} 起" if file.since else ""
            more = f"（{file.remark}）" if file.remark else ""
            yield blocking(
                field,
                words,
                f"“{file.name}”已废止或失效{since}{more}",
                "换成现行有效的依据，并核对答案是否还对",
            )


def _validity(content: EntryContent, today: date) -> Iterator[Finding]:
    until = content.valid_until
    if until is None:
        return
    told = until.isoformat()
    if until < today:
        yield blocking("valid_until", told, "有效期已经过了，发布了也查不到", "改有效期，或下架")
    elif (until - today).days < 14:
        yield notice("valid_until", told, "有效期只剩不到两周", "确认到期后是否还有新的政策")


def _aloud(content: EntryContent) -> Iterator[Finding]:
    spoken = content.spoken_answer
    if spoken:
        seconds = aloud_seconds(spoken)
        if seconds > ALOUD_SECONDS:
            yield notice(
                "spoken_answer",
                spoken[:20],
                f"口播答案有 {len(spoken)} 个字，念完约 {seconds:.0f} 秒",
                f"缩短到 {int(ALOUD_SECONDS * CHARACTERS_A_SECOND)} 字以内，只说结论和下一步",
            )
        return
    seconds = aloud_seconds(content.answer)
    if seconds > ALOUD_SECONDS:
        yield notice(
            "spoken_answer",
            "",
            f"没有口播答案，答案念完约 {seconds:.0f} 秒",
            "写一两句话务员能直接念的口播答案",
        )


def aloud_seconds(text: str) -> float:
    """Return how long a text takes to read out, without the marks of Markdown."""
    return len(_MARKS.sub("", text)) / CHARACTERS_A_SECOND


def _repeated(content: EntryContent) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    phrasings = [("standard_question", content.standard_question)]
    phrasings += [("similar_questions", text) for text in content.similar_questions]
    for field, text in phrasings:
        same = key(text)
        if same and same in seen:
            yield notice(
                field, text, f"和“{seen[same]}”只差客套话或标点", "留一条，另换一种真正不同的说法"
            )
        seen.setdefault(same, text)
