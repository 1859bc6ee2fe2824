"""What a message asks: one question, several, or one somewhere in a long story.

Nothing here decides that there are several questions; it says where they could be. What is
found for each of them decides (`embeddings.index.asking`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from embeddings.text.normalise import key

LONG = 60  # characters of a message that is a story: a vector of it all says little
LEAST = 3  # letters and digits of a question that can be searched for by itself
LOOKED_AT = 5  # questions of a story that are searched for, the most explicit ones
CONTEXT = 40  # characters of a question with the clause before it, in a story

_SENTENCE = re.compile(r"[^。！？!?；;\n…]+[。！？!?；;\n…]*")
_CLAUSE = re.compile(r"[，,、：:]+|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff0-9])")
_NUMBERED = re.compile(
    r"(?:^|(?<=[\s，,。！？!?；;：:]))(?:第[一二三四五六1-6](?:个问题|个|点|是|[、，,：:])"
    r"|[（(]?[1-9一二三四五六][）)、.．](?!\d)|[①-⑨])\s*(?:是)?"
)
_OPENS = (
    "另外|还有(?:就是|一个|一件事|个问题|一点)?|顺便|顺带|再就是|其次|以及|同时|此外|除此之外"
    "|再问|再请问|还请问|还想|我还想|还要问|也想|再咨询|对了|还有啊"
)
_OPENING = re.compile(rf"^(?:{_OPENS})")
_INSIDE = re.compile(r"(?<=.{3})(?=另外|顺便|还有就是|以及|还想问|还想咨询|再问一下|还有(?!多|几))")
_LEAD = re.compile(
    r"^[我们就只主要今天打这个电话真正所以那么也还再来先替大家想麻烦您你好件事]{0,14}?"
    r"(?:想|要|来|请|是|真正)(?:再|请|顺便)?(?:教|问|了解|知道|咨询|打听)"
    r"(?:一下子?|一问|一句|下|问)?(?:的问题如下|的问题|的就?是)?(?:是|就是)?"
    r"|^(?:那么|所以|那你帮我看看|你帮我看看|你先回答我|请明确告知|具体的问题是?|我的问题是?)"
)
_ANNOUNCES = re.compile(
    r"(?:请问|想问|要问|来问|问一句|问一下|想了解|想知道|咨询|请教|打听|诉求|要求|问题|求助"
    r"|疑问|照着念|请问一下|回答我|告知|告诉我|帮我看看|最关心的|这么个事|查一下|给我说说)"
)
_ASKS = re.compile(
    r"怎么|怎样|咋|如何|什么|啥|哪|多少|多久|多长|多大|几(?:天|年|个|次|岁|点|号|月)|吗|么$|呢$"
    r"|能不能|可不可以|能否|可否|是否|是不是|有没有|要不要|会不会|用不用|需不需要|行不行|算不算"
    r"|(?:可以|能|要|行|用|需要).{0,12}[吗嘛不]$|谁|为何|何时|没有$"
    r"|^(?:我|我们|帮我|帮忙|麻烦)(?:想|要|需要|查)(?!跟|说|先)"
)
_BARE = re.compile(
    r"怎么|如何|需要|带|准备|提供|提交|什么|哪些|哪里|哪儿|哪|材料|资料|证件|手续|多久|多长|时间|多少"
    r"|钱|费用|收费|办理|办|在|去|到|地点|地址|电话|流程|本人|可以|网上|能不能|能|代|吗|呢|的|要|几天|是"
    r"|我|请问|问|一下|想|还|得|有|没有|号|天|条件|打|找|谁|了|都|又|才"
)


@dataclass(frozen=True)
class Asking:
    """Where a message may ask something.

    `text`: as it was written; `windows`: what to search for, any of which may find it;
    `plainness`: how plainly it asks, 0 (not at all) to 3 (announced, and worded so);
    `opened`: a word such as 另外, or a number, begins it; `bare`: it names no matter and
    lives on the one before.
    """

    text: str
    windows: tuple[str, ...]
    plainness: int
    opened: bool
    bare: bool


@dataclass(frozen=True)
class _Clause:
    text: str
    asks: bool
    opened: bool
    begins: bool  # a sentence
    marked: bool  # ends with a question mark
    announced: bool = False  # by the clause before, or by its own first words


def is_long(message: str) -> bool:
    """Tell whether `message` is a story in which a question must be looked for."""
    return len(message) > LONG


def askings(message: str) -> tuple[Asking, ...]:
    """Return where `message` may ask something, in its order."""
    clauses = _clauses(message)
    if is_long(message):
        return _of_story(clauses)
    groups = _groups(clauses)
    return tuple(
        _asking(group, (_joined(group),)) for group in groups if len(key(_joined(group))) >= LEAST
    )


def _of_story(clauses: Sequence[_Clause]) -> tuple[Asking, ...]:
    """The clauses of a story that ask most plainly, each alone and with the one before."""
    found: list[tuple[int, Asking]] = []
    for at, clause in enumerate(clauses):
        if _plainness(clause) == 0 or len(key(clause.text)) < LEAST:
            continue
        before = clauses[at - 1] if at else None
        windows = [clause.text]
        if before and not (clause.opened or _plainness(before) or before.marked):
            with_context = f"{before.text}，{clause.text}"
            if len(with_context) <= CONTEXT:
                windows.append(with_context)
        found.append((at, _asking([clause], tuple(windows))))
    kept = sorted(found, key=lambda one: (-one[1].plainness, -one[0]))[:LOOKED_AT]
    return tuple(asking for _, asking in sorted(kept, key=lambda one: one[0]))


def _clauses(message: str) -> list[_Clause]:
    found: list[_Clause] = []
    announced = carried = False
    for piece, listed in _numbered(message):
        numbered = listed
        for sentence in _SENTENCE.findall(piece):
            marked = sentence.rstrip().endswith(("?", "？"))
            texts = [
                part.strip()
                for clause in _CLAUSE.split(sentence.rstrip("。！？!?；;\n… "))
                for part in _cut(clause)
                if part.strip()
            ]
            for at, text in enumerate(texts):
                short, led = _without_lead(_OPENING.sub("", text))
                opened = bool(_OPENING.match(text)) or (numbered and at == 0) or carried
                carried = opened and len(key(short)) < 2  # “还想问，…”
                last = at == len(texts) - 1
                if len(key(short)) >= 2:
                    asks = bool(_ASKS.search(short))
                    found.append(
                        _Clause(short, asks, opened, at == 0, marked and last, announced or led)
                    )
                announced = bool(_ANNOUNCES.search(text)) and not _ASKS.search(short)
            numbered = False
    return found


def _numbered(message: str) -> list[tuple[str, bool]]:
    """Return the pieces of `message` between the numbers of a list, and which had one."""
    marks = list(_NUMBERED.finditer(message))
    if len(marks) < 2:
        return [(message, False)]
    pieces = [(message[: marks[0].start()], False)]
    ends = [*(mark.start() for mark in marks[1:]), len(message)]
    pieces += [(message[mark.end() : end], True) for mark, end in zip(marks, ends, strict=True)]
    return pieces


def _cut(clause: str) -> list[str]:
    """Cut a clause before a connecting word inside it, where both sides ask."""
    for found in _INSIDE.finditer(clause):
        left, right = clause[: found.start()], clause[found.start() :]
        if _ASKS.search(left) and _ASKS.search(right):
            return [left, *_cut(right)]
    return [clause]


def _without_lead(text: str) -> tuple[str, bool]:
    """Return a clause without “I would like to ask”, and whether it had that."""
    shorter = _LEAD.sub("", text, count=1)
    return shorter, shorter != text


def _plainness(clause: _Clause) -> int:
    if clause.announced:
        return 3 if clause.asks or clause.marked else 2
    return int(clause.asks) + int(clause.marked)


def _groups(clauses: Sequence[_Clause]) -> list[list[_Clause]]:
    """Put clauses together that ask one thing: a condition goes with what it is asked of."""
    groups: list[list[_Clause]] = []
    for clause in clauses:
        asked = bool(groups) and any(one.asks or one.marked for one in groups[-1])
        more = asked and (clause.asks or clause.marked)
        if not groups or clause.opened or clause.begins or more:
            groups.append([clause])
        else:
            groups[-1].append(clause)
    return groups


def _asking(clauses: Sequence[_Clause], windows: tuple[str, ...]) -> Asking:
    text = _joined(clauses)
    return Asking(
        text,
        windows,
        max(map(_plainness, clauses)),
        clauses[0].opened,
        len(key(_BARE.sub("", text))) <= 1,
    )


def _joined(clauses: Sequence[_Clause]) -> str:
    return "，".join(clause.text for clause in clauses)
