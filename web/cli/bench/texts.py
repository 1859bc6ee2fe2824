"""Questions to measure with, made of who, what and how."""

WHAT = (
    "居住证",
    "公积金",
    "营业执照",
    "医保",
    "社保卡",
    "老年证",
    "残疾证",
    "驾驶证",
    "房产证",
    "护照",
)
VERBS = (
    "怎么办理",
    "在哪里办",
    "要什么材料",
    "多久能办好",
    "怎么续期",
    "丢了怎么补办",
    "能网上办吗",
    "要多少钱",
)
WHO = ("我", "老人", "外地人", "企业", "学生", "新生儿", "退休人员", "个体户", "港澳居民", "残疾人")
REAL = 20_000  # so many are encoded for benchmarks; larger bases are made of copies
HOW = ("", "请问", "急", "想问一下", "听说")


def phrasings(count: int) -> list[str]:
    """Return `count` different questions, made of what, who and how."""
    found = [
        f"{how}{who}{number or ''}的{what}{verb}"
        for number in range(10)
        for what in WHAT
        for verb in VERBS
        for who in WHO
        for how in HOW
    ]
    return found[:count]


def questions() -> list[str]:
    """Return 200 questions that are none of the phrasings, but near some."""
    return [f"{who}要办{what}，{verb}呢" for who in WHO[:5] for what in WHAT for verb in VERBS[:4]]
