"""Which rows a person may not import."""

from knowledge.entries.lifecycle import Move, refusal
from knowledge.entries.models import Entry
from knowledge.entries.pending import standing
from knowledge.errors import NotAllowedError
from knowledge.exchange.columns import BY_NAME
from knowledge.exchange.plan import Change, Step
from knowledge.exchange.sheet import Wrong
from knowledge.people.actor import Actor, Right


def forbidden(actor: Actor, step: Step, entry: Entry | None) -> Wrong | None:
    """Return why `actor` may not do this, as a fault of the row; None where nothing forbids it.

    A row that changes nothing may stand in anybody's file.
    """
    if step.change is Change.UNCHANGED:
        return None
    if not actor.may(Right.EDIT_ENTRIES, step.department_id):
        reason, mend = "不是您可以修改的部门", "请删去这一行"
        return Wrong(step.row, BY_NAME["department"].title, reason, mend)
    if not actor.may(Right.EDIT_ENTRIES, step.department_id, step.content.category_id):
        reason, mend = "不是您可以采编的分类", "请改用您的分类，或删去这一行"
        return Wrong(step.row, BY_NAME["category"].title, reason, mend)
    if entry is None:
        return None
    refused = refusal(actor, Move.SAVE, standing(entry))
    if refused is None:
        return None
    name = "category" if isinstance(refused, NotAllowedError) else "standard_question"
    mend = "请删去这一行" if name == "category" else "恢复后再导入，或删去这一行"
    return Wrong(step.row, BY_NAME[name].title, f"对应的条目 {entry.code}：{refused}", mend)
