"""The API's shapes; the OpenAPI document is made from them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.conversations.models import Message
from knowledge.corrections.wording import Kind
from knowledge.feedback.service import Reason

DecisionName = Literal["answer", "clarify", "no_answer"]


class Strict(BaseModel):
    """Refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid")


class SearchQuery(Strict):
    """What to search."""

    q: Annotated[str, Field(description="问题，1 到 500 个字", min_length=1, max_length=500)]
    limit: Annotated[int, Field(description="最多返回几条", ge=1, le=20)] = 5


class SuggestQuery(Strict):
    """What is being typed."""

    q: Annotated[str, Field(description="已经输入的文字", min_length=1, max_length=100)]
    limit: Annotated[int, Field(description="最多返回几条", ge=1, le=20)] = 6


class Result(BaseModel):
    """An entry that was found."""

    entry_id: Annotated[str, Field(description="条目编号")]
    question: Annotated[str, Field(description="标准问")]
    matched_phrasing: Annotated[str, Field(description="与问题最接近的问法")]
    answer: Annotated[str, Field(description="答案（Markdown）")]
    answer_html: Annotated[str, Field(description="答案（已清洗的 HTML）")]
    spoken_answer: Annotated[str, Field(description="口播答案")]
    score: Annotated[float, Field(description="这一条正好回答问题的概率，0 到 1", ge=0, le=1)]
    department: Annotated[str, Field(description="责任部门")]
    department_phone: str | None
    category: Annotated[str, Field(description="分类路径")]
    issuing_body: Annotated[str, Field(description="发文单位")]
    legal_basis: Annotated[str, Field(description="办理依据")]
    region: Annotated[str, Field(description="适用区域")]
    audience: list[str]
    valid_until: Annotated[str | None, Field(description="有效期止；没有则长期有效")]
    updated_on: Annotated[str, Field(description="更新日期")]
    # Messages stored by earlier releases say nothing of these.
    materials: Annotated[list[str], Field(description="办理材料")] = []
    steps: Annotated[list[str], Field(description="办理流程")] = []
    fees: Annotated[str, Field(description="收费标准")] = ""
    time_limit: Annotated[str, Field(description="办理时限")] = ""
    places: Annotated[list[str], Field(description="办理地点：名称、地址、电话、时间")] = []
    guide_html: Annotated[str, Field(description="以上五项（已清洗的 HTML，可折叠）")] = ""
    under_review: Annotated[
        bool | None, Field(description="有人提出纠错或标为待复核、正在核实；只告诉登录的工作人员")
    ] = None


class SearchAnswer(BaseModel):
    """Results, best first, and what to do with them."""

    query: Annotated[str, Field(description="检索的问题（个人信息已替换）")]
    decision: DecisionName
    results: list[Result]
    took_ms: float


class Suggested(BaseModel):
    """A question that begins like what is being typed, or resembles it."""

    entry_id: str
    question: str


class Suggestions(BaseModel):
    """Questions to offer."""

    suggestions: list[Suggested]


class OpenedConversation(BaseModel):
    """A new conversation; the token is shown this one time."""

    id: str
    token: str


class NewMessage(Strict):
    """A citizen's message. With a `client_id` it can be sent again safely."""

    text: Annotated[str, Field(description="1 到 500 个字", max_length=20_000)]
    client_id: Annotated[str | None, Field(max_length=64, pattern=r"^[\w-]+$")] = None


class MessageShape(BaseModel):
    """A stored message."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    sender: Annotated[Literal["citizen", "bot"], Field(alias="from")]
    text: str
    decision: DecisionName | None
    results: list[Result]
    options: Annotated[list[str], Field(description="反问时的选项；把文字原样发回即为选择")]
    asked: Annotated[str | None, Field(description="一条消息问了几件事时：这是对哪一问的回答")] = (
        None
    )
    first_number: Annotated[int, Field(description="第一个选项的序号；几个列表接着编号")] = 1
    more_lists: Annotated[bool, Field(description="后面还有选项列表")] = False
    contact: Annotated[bool, Field(description="是否应同时给出人工渠道（12345、留言）")]
    client_id: str | None
    at: datetime

    @classmethod
    def of(cls, message: Message) -> "MessageShape":
        """Return the shape of a stored message."""
        payload: dict[str, Any] = message.payload
        return cls.model_validate(
            {
                "id": message.id,
                "from": message.sender,
                "text": message.text,
                "decision": message.decision,
                "results": payload.get("results", []),
                "options": payload.get("options", []),
                "asked": payload.get("asked"),
                "first_number": payload.get("first_number", 1),
                "more_lists": payload.get("more_lists", False),
                "contact": payload.get("contact", False),
                "client_id": message.client_id,
                "at": message.at,
            }
        )


class Messages(BaseModel):
    """Messages, oldest first."""

    messages: list[MessageShape]


class AfterQuery(Strict):
    """Which messages to return."""

    after: Annotated[int, Field(description="只返回编号大于它的消息", ge=0, le=2**53)] = 0


class NewFeedback(Strict):
    """What a citizen thinks of the answer in a message."""

    conversation_id: Annotated[str, Field(max_length=64)]
    message_id: Annotated[int, Field(ge=1, le=2**53)]
    useful: bool
    reason: Reason | None = None
    comment: Annotated[str, Field(max_length=500)] = ""


class NewCorrection(Strict):
    """What a citizen says is not right in the answer in a message."""

    message_id: Annotated[int, Field(ge=1, le=2**53)]
    kind: Annotated[Kind, Field(description="有误、过期、不清楚、不完整")]
    text: Annotated[str, Field(description="哪里不对，1 到 500 个字", max_length=500)]


class CorrectionTaken(BaseModel):
    """The report is stored; by when the department decides."""

    status: Literal["ok"] = "ok"
    due: Annotated[str, Field(description="最迟哪一天有结果，例如 3月3日")]


class NewNote(Strict):
    """A note for the hotline, with a way to call back (kept encrypted)."""

    text: Annotated[str, Field(max_length=2_000)]
    contact: Annotated[str, Field(max_length=200)]


class Taken(BaseModel):
    """What was sent is stored."""

    status: Literal["ok"] = "ok"


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
