"""The audit log in the words of people: actions, things, fields, and what was changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

ACTION_NAMES = {
    "entry_created": "新建条目",
    "draft_saved": "保存条目草稿",
    "entry_published": "发布条目",
    "entry_withdrawn": "下架条目",
    "entry_published_in_emergency": "紧急发布条目",
    "entry_published_as_planned": "按时发布条目",
    "entry_not_published_as_planned": "没有按时发布条目",
    "entry_archived": "归档条目",
    "entry_revived": "从归档恢复条目",
    "entry_confirmed": "复核条目，确认有效",
    "entry_moved": "随部门并入，改了责任部门",
    "draft_discarded": "放弃条目的修改",
    "version_submitted": "提交审核",
    "version_recalled": "撤回提交",
    "version_passed": "部门审核通过",
    "version_passed_on_behalf": "代部门审核通过",
    "version_returned": "退回",
    "version_scheduled": "终审通过，定时发布",
    "version_not_published": "没有按时发布",
    "version_restored": "恢复旧版本为草稿",
    "version_commented": "留意见",
    "entry_featured": "调整常问",
    "entries_imported": "导入条目",
    "entries_exported": "导出条目",
    "correction_reported": "提出纠错",
    "correction_joined": "又有人提出同样的纠错",
    "correction_adopted": "采纳纠错",
    "correction_declined": "不采纳纠错",
    "correction_merged": "纠错并入另一条",
    "correction_escalated": "纠错超期上报",
    "feedback_given": "市民评价回答",
    "note_left": "市民留言",
    "note_closed": "办结留言",
    "contact_read": "查看市民电话",
    "conversation_erased": "市民清除对话",
    "lexicon_group_added": "新增同义词",
    "lexicon_group_changed": "修改同义词",
    "lexicon_group_removed": "删除同义词",
    "lexicon_word_added": "新增专用词",
    "lexicon_word_changed": "修改专用词",
    "lexicon_word_removed": "删除专用词",
    "lexicon_exported": "导出词表",
    "evaluation_started": "开始评测",
    "evaluation_kept": "保存评测",
    "evaluation_finished": "评测完成",
    "evaluation_stopped": "评测没有完成",
    "report_downloaded": "下载评测报告",
    "department_created": "新建部门",
    "department_changed": "修改部门",
    "department_closed": "停用部门",
    "department_reopened": "启用部门",
    "department_merged": "并入部门",
    "category_created": "新建分类",
    "category_changed": "修改分类",
    "category_deleted": "删除分类",
    "category_merged": "合并分类",
    "gap_assigned": "分派知识缺口",
    "gap_bound": "为知识缺口补充条目",
    "gap_answered": "知识缺口已由条目解答",
    "gap_out_of_remit": "知识缺口不属于受理范围",
    "gap_ignored": "忽略知识缺口",
    "gap_open": "重新打开知识缺口",
    "gap_reopened": "知识缺口又被多次问起",
    "gap_closed_itself": "知识缺口自动关闭",
    "gap_merged": "知识缺口并入别的组",
    "gap_grew": "并入了别的知识缺口",
    "gap_split": "拆分知识缺口",
    "gap_split_off": "从别的知识缺口拆出",
    "suggestion_dismissed": "不再建议某个相似问",
    "user_added": "新增账号",
    "user_changed": "修改账号",
    "own_password_changed": "修改自己的密码",
    "other_sessions_ended": "结束自己的其他登录",
    "user_closed": "停用账号",
    "user_reopened": "启用账号",
    "password_changed": "更换密码",
    "signed_in": "登录",
    "signed_out": "退出登录",
    "session_ended": "登录到期",
    "sign_in_failed": "登录失败",
    "settings_changed": "设置改变",
    "index_rebuilt": "重建索引",
    "thresholds_set": "校准门槛",
    "audit_verified": "检验操作记录",
    "audit_exported": "导出操作记录",
}
KIND_NAMES = {
    "entry": "条目",
    "correction": "纠错",
    "user": "账号",
    "note": "留言",
    "lexicon": "词条",
    "gap": "知识缺口",
    "evaluation": "评测",
    "department": "部门",
    "category": "分类",
    "conversation": "对话",
    "entries": "知识条目",
    "settings": "设置",
    "index": "检索索引",
    "audit": "操作记录",
}
FIELD_NAMES = {
    "standard_question": "标准问", "similar_questions": "相似问", "negative_questions": "负例问",
    "answer": "答案", "spoken_answer": "口播答案", "issuing_body": "发文单位",
    "legal_basis": "办理依据", "category_id": "分类编号", "region": "适用区域",
    "audience": "适用对象", "valid_from": "有效期起", "valid_until": "有效期止",
    "version": "版本", "featured": "常问", "reason": "原因", "outcome": "处理结果",
    "terms": "词语", "name": "名称", "path": "路径", "username": "用户名", "roles": "角色",
    "department_id": "部门编号", "active": "启用", "useful": "有用", "version_id": "版本编号",
    "rows": "行数", "hash": "哈希值", "faults": "不对的地方", "kind": "种类", "file": "文件",
    "new": "新增", "changed": "修改", "state": "状态", "department": "部门", "entries": "条目数",
    "text": "内容", "due": "期限", "filter": "筛选条件", "into": "并入", "entry": "条目",
    "groups": "同义词组数", "words": "专用词数",
    "step": "审核到哪一步", "notice": "提示", "publish_at": "定时发布", "planned": "原定发布",
    "own_text": "本人编写", "emergency": "紧急发布", "from": "原来", "on_behalf": "代部门审核",
    "reviewed_at": "复核时间", "approved_by": "终审人", "restored": "恢复自第几版",
    "grants": "授权", "display_name": "姓名", "phone": "电话", "position": "次序",
    "parent_id": "上级编号", "code": "代码", "correction": "纠错",
    "duplicate_of": "与哪条重复", "mended_by": "改正的版本",
}  # fmt: skip
CHARACTERS = 1500  # longer texts are compared sentence by sentence
_WORD = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]|[^。；！？\n]+")

Marked = list[tuple[str, bool]]


@dataclass(frozen=True)
class Change:
    """A field, what it said before and after; None where there was nothing to say."""

    name: str
    before: str | None
    after: str | None

    @property
    def marked(self) -> tuple[Marked, Marked]:
        """Both texts in pieces, each with whether the other text lacks it."""
        return marks(self.before or "", self.after or "")


def action_name(action: str) -> str:
    """Return an action in Chinese; one that has no name yet as it is."""
    return ACTION_NAMES.get(action, action)


def subject_name(subject: str) -> str:
    """Return the name of a thing: `entry:12` is 条目 12."""
    kind, _, number = subject.partition(":")
    name = KIND_NAMES.get(kind, kind)
    return f"{name} {'（没有这个账号）' if number == 'unknown' else number}".strip()


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Return the fields that differ, in the order in which they are kept."""
    old, new = before or {}, after or {}
    names = [*old, *(name for name in new if name not in old)]
    if before is not None and after is not None:
        names = [name for name in names if old.get(name) != new.get(name)]
    found = [
        Change(
            FIELD_NAMES.get(name, name),
            told(old[name]) if name in old else None,
            told(new[name]) if name in new else None,
        )
        for name in names
    ]
    return [one for one in found if one.before or one.after]


def told(value: Any) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "\n".join(map(told, value))
    if isinstance(value, dict):
        return "\n".join(f"{FIELD_NAMES.get(k, k)}：{told(v)}" for k, v in value.items())
    return str(value)


def marks(before: str, after: str) -> tuple[Marked, Marked]:
    """Return two texts in pieces; a piece is marked where the other text lacks it."""
    pattern = _WORD if max(len(before), len(after)) <= CHARACTERS else _SENTENCE
    old, new = pattern.findall(before), pattern.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    left = [("".join(old[a:b]), tag != "equal") for tag, a, b, _, _ in steps]
    right = [("".join(new[c:d]), tag != "equal") for tag, _, _, c, d in steps]
    return list(_full(left)), list(_full(right))


def _full(pieces: Marked) -> Iterator[tuple[str, bool]]:
    return (piece for piece in pieces if piece[0])
