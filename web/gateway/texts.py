"""What the hotline says itself, besides the answers of the base."""

from collections.abc import Sequence

from knowledge.settings import Settings

CLARIFY = "您想问的是哪一个？点一下，或者回复前面的数字。"
NO_ANSWER = (
    "对不起，这个问题知识库里还没有可靠的答案，我不能随便答您。"
    "您可以换个说法再问一次，也可以拨打 12345 由人工解答，或者在下面留言，我们会联系您。"
)
NO_ANSWER_TO_PART = (
    "对不起，这一问知识库里还没有可靠的答案，我不能随便答您。"
    "您可以换个说法单独再问一次，也可以拨打 12345 由人工解答，或者在下面留言，我们会联系您。"
)
NO_ANSWER_TO_PARTS = NO_ANSWER_TO_PART.replace("这一问", "这几问").replace("单独", "一个一个")
NONE_OF_THESE = (
    "明白了，上面这些都不是您要问的。请换个说法、说得具体一点再问一次；"
    "着急的话请拨打 12345，或者在下面留言。"
)
HANDOFF = "好的。请拨打 12345，由人工为您服务；也可以在下面留言，工作人员会给您回电话。"
OPTIONS_GONE = "刚才的选项已经更新了，请把您的问题再说一遍。"
NONE_LABEL = "都不是"


def left(answered: int, questions: Sequence[str]) -> str:
    """Say which questions of a message wait, after so many were taken."""
    told = "".join(f"“{question}”" for question in questions)
    return f"您一次问的事情比较多，我先看了前 {answered} 件。还有{told}，请再发一次，我接着答。"


def message_problem(text: str, settings: Settings) -> str | None:
    """Tell what is wrong with a citizen's message, or None."""
    if not text:
        return "请输入您的问题"
    if len(text) > settings.message_characters:
        return (
            f"您写了 {len(text)} 个字，一次最多 {settings.message_characters} 个字。"
            "请缩短，或分几次发送"
        )
    return None
