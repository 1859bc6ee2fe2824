"""The columns of an exchange file, under their Chinese and English names."""

CODE, QUESTION, SIMILAR, NEGATIVE = "编号", "标准问", "相似问", "负例问"
ANSWER, SPOKEN, DEPARTMENT, CATEGORY = "答案", "口播答案", "责任部门", "分类"
ISSUER, BASIS, REGION, AUDIENCE = "发文单位", "办理依据", "适用区域", "适用对象"
FROM, UNTIL, STATE = "有效期起", "有效期止", "状态"

COLUMNS = (
    CODE, QUESTION, SIMILAR, NEGATIVE, ANSWER, SPOKEN, DEPARTMENT, CATEGORY,
    ISSUER, BASIS, REGION, AUDIENCE, FROM, UNTIL, STATE,
)  # fmt: skip
OBLIGATORY = (QUESTION, ANSWER, DEPARTMENT, CATEGORY)
PUBLISHED, DRAFT = "发布", "草稿"

ENGLISH = {
    "id": CODE,
    "code": CODE,
    "question": QUESTION,
    "standard_question": QUESTION,
    "similar_questions": SIMILAR,
    "negative_questions": NEGATIVE,
    "answer": ANSWER,
    "spoken_answer": SPOKEN,
    "department": DEPARTMENT,
    "category": CATEGORY,
    "issuing_body": ISSUER,
    "legal_basis": BASIS,
    "area": REGION,
    "region": REGION,
    "audience": AUDIENCE,
    "valid_from": FROM,
    "valid_until": UNTIL,
    "state": STATE,
}
# What other systems' files also hold, and an entry has no place for.
IGNORED = frozenset({"task_type", "themes", "source", "note", "conditions_truncated"})
