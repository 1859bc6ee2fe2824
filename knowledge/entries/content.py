"""What an entry says, and the rules that it must keep."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.clock import SHANGHAI
from knowledge.entries.guide import guide_problems, keywords, lines
from knowledge.entries.pictures import picture_problems
from knowledge.errors import ContentError
from knowledge.privacy.hidden import CONTROLS

QUESTION_LENGTH = 128
PHRASING_LENGTH = 200
PHRASINGS = 60
ANSWER_LENGTH = 8000
SPOKEN_LENGTH = 300
FEES_LENGTH = 500
TIME_LIMIT_LENGTH = 300
AUDIENCES = ("个人", "企业")


@dataclass(frozen=True)
class EntryContent:
    """The wording of an entry. Both days of the validity are inclusive (Asia/Shanghai)."""

    standard_question: str
    answer: str
    category_id: int
    similar_questions: tuple[str, ...] = ()
    negative_questions: tuple[str, ...] = ()
    spoken_answer: str = ""
    issuing_body: str = ""
    legal_basis: str = ""
    region: str = ""
    audience: tuple[str, ...] = AUDIENCES
    valid_from: date | None = None
    valid_until: date | None = None
    materials: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    fees: str = ""
    time_limit: str = ""
    places: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """When a version may be served: from `start` (inclusive) to `end` (exclusive), UTC."""

    start: datetime | None
    end: datetime | None

    def holds(self, instant: datetime) -> bool:
        """Tell whether `instant` lies within."""
        if self.start is not None and instant < self.start:
            return False
        return self.end is None or instant < self.end


def window(valid_from: date | None, valid_until: date | None) -> Window:
    """Turn two days into instants: the last day counts until its midnight in Shanghai."""
    start = datetime.combine(valid_from, time.min, SHANGHAI) if valid_from else None
    end = None
    if valid_until is not None and valid_until < date.max:
        end = datetime.combine(valid_until + timedelta(days=1), time.min, SHANGHAI)
    return Window(start, end)


def phrasing_key(text: str) -> str:
    """Return what makes two phrasings of an entry the same: letters and digits only."""
    return "".join(character for character in text.casefold() if character.isalnum())


def checked(content: EntryContent) -> EntryContent:
    """Return `content` with blanks trimmed and repeated phrasings dropped.

    Raises:
        ContentError: names each field that breaks a rule, and how to mend it.
    """
    similar = _distinct(content.similar_questions, {phrasing_key(content.standard_question)})
    tidy = EntryContent(
        standard_question=" ".join(content.standard_question.split()),
        answer=content.answer.replace("\r\n", "\n").strip(),
        category_id=content.category_id,
        similar_questions=similar,
        negative_questions=_distinct(content.negative_questions, set()),
        spoken_answer=content.spoken_answer.strip(),
        issuing_body=content.issuing_body.strip(),
        legal_basis=content.legal_basis.strip(),
        region=content.region.strip(),
        audience=content.audience,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
        materials=lines(content.materials),
        steps=lines(content.steps, numbered=True),
        fees=content.fees.replace("\r\n", "\n").strip(),
        time_limit=content.time_limit.replace("\r\n", "\n").strip(),
        places=lines(content.places),
        keywords=keywords(content.keywords),
    )
    problems = _text_problems(tidy) | _phrasing_problems(tidy) | _other_problems(tidy)
    problems |= guide_problems(
        materials=tidy.materials, steps=tidy.steps, places=tidy.places, keywords=tidy.keywords
    )
    if problems:
        raise ContentError(problems)
    return tidy


def _distinct(texts: tuple[str, ...], seen: set[str]) -> tuple[str, ...]:
    kept = []
    for text in (" ".join(raw.split()) for raw in texts):
        key = phrasing_key(text) or text
        if text and key not in seen:
            seen.add(key)
            kept.append(text)
    return tuple(kept)


def _text_problems(content: EntryContent) -> dict[str, str]:
    limits = {
        "standard_question": ("标准问", content.standard_question, QUESTION_LENGTH),
        "answer": ("答案", content.answer, ANSWER_LENGTH),
        "spoken_answer": ("口播答案", content.spoken_answer, SPOKEN_LENGTH),
        "issuing_body": ("发文单位", content.issuing_body, 128),
        "legal_basis": ("办理依据", content.legal_basis, 255),
        "region": ("适用区域", content.region, 64),
        "fees": ("收费标准", content.fees, FEES_LENGTH),
        "time_limit": ("办理时限", content.time_limit, TIME_LIMIT_LENGTH),
    }
    problems: dict[str, str] = {}
    for name, (label, text, limit) in limits.items():
        if len(text) > limit:
            problems[name] = f"{label}有 {len(text)} 个字，最多 {limit} 个，请缩短"
        elif CONTROLS.search(text):
            problems[name] = f"{label}里有看不见的控制字符，请重新输入这一项"
    if not phrasing_key(content.standard_question):
        problems["standard_question"] = "请填写标准问（要有文字，不能只有符号）"
    if not content.answer:
        problems["answer"] = "请填写答案"
    return picture_problems(content.answer) | problems


def _phrasing_problems(content: EntryContent) -> dict[str, str]:
    problems: dict[str, str] = {}
    for name, label, texts in (
        ("similar_questions", "相似问", content.similar_questions),
        ("negative_questions", "负例问", content.negative_questions),
    ):
        if len(texts) > PHRASINGS:
            problems[name] = f"{label}有 {len(texts)} 条，最多 {PHRASINGS} 条"
        for number, text in enumerate(texts, start=1):
            if len(text) > PHRASING_LENGTH:
                problems[name] = f"{label}第 {number} 条超过 {PHRASING_LENGTH} 个字，请缩短"
            elif CONTROLS.search(text) or not phrasing_key(text):
                problems[name] = f"{label}第 {number} 条没有文字或含控制字符，请改写"
    positive = {phrasing_key(content.standard_question)}
    positive |= {phrasing_key(text) for text in content.similar_questions}
    both = [text for text in content.negative_questions if phrasing_key(text) in positive]
    if both:
        problems["negative_questions"] = f"“{both[0]}”同时是相似问和负例问，请删去一处"
    return problems


def _other_problems(content: EntryContent) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not content.audience or not set(content.audience) <= set(AUDIENCES):
        problems["audience"] = "适用对象请选择“个人”“企业”中的一项或两项"
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        problems["valid_until"] = "有效期止早于有效期起，请检查两个日期"
    if phrasing_key(content.standard_question) in map(phrasing_key, content.keywords):
        problems["keywords"] = "关键词和标准问相同，请写标准问里最要紧的词"
    return problems
