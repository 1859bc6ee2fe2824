"""Every setting in one table: `HOTLINE_<NAME>`, its type, default and help."""

import os
import re
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import KnowledgeError

ROOT = Path(__file__).resolve().parents[1]

EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}")

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(KnowledgeError):
    """A setting has a value that cannot be used."""


class Settings(BaseSettings):
    """The process's settings, read from the environment once, at start."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", frozen=True, extra="ignore")

    home: Path = Field(Path("var"), description="存放全部运行数据的文件夹")
    host: str = Field("127.0.0.1", description="网页服务监听的地址；反向代理后面保持默认即可")
    port: Port = Field(8080, description="网页服务的端口")
    rasa_port: Port = Field(5005, description="Rasa 的端口，只监听本机")
    actions_port: Port = Field(5055, description="动作服务的端口，只监听本机")
    database_url: str = Field(
        "", description="数据库地址；留空则使用 HOTLINE_HOME 下的 SQLite，也可填 PostgreSQL"
    )
    encoder: str = Field(
        "e5", description="主编码器：e5（自带），或任何 SentenceTransformer 模型的文件夹、名称"
    )
    second_encoder: str = Field(
        "use", description="第二编码器：use（自带）、none（不用），或模型文件夹"
    )
    threads: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="每个进程用于编码和检索的处理器线程数"
    )
    web_threads: Annotated[int, Field(ge=2, le=256)] = Field(
        16, description="网页服务同时处理的请求数"
    )
    site_name: str = Field("厦门市海沧区 12345 智能问答", description="市民页面上显示的名称")
    region: str = Field("厦门市海沧区", description="本热线所在的区域")
    message_characters: Annotated[int, Field(ge=20, le=2000)] = Field(
        500, description="市民一条消息最多多少个字"
    )
    reply_seconds: Annotated[float, Field(gt=0, le=30)] = Field(
        4.0, description="等待对话机器人的最长秒数，超过就直接检索作答"
    )
    messages_per_minute: Annotated[int, Field(ge=1)] = Field(
        20, description="每个对话每分钟最多多少条消息"
    )
    address_messages_per_minute: Annotated[int, Field(ge=1)] = Field(
        120, description="每个网络地址每分钟最多多少条消息"
    )
    searches_per_minute: Annotated[int, Field(ge=1)] = Field(
        600, description="每个网络地址每分钟最多多少次检索或联想"
    )
    conversations_per_hour: Annotated[int, Field(ge=1)] = Field(
        120, description="每个网络地址每小时最多新建多少个对话"
    )
    corrections_per_hour: Annotated[int, Field(ge=1)] = Field(
        20, description="每个网络地址每小时最多提出多少条纠错（市民）"
    )
    correction_days_wrong: Annotated[int, Field(ge=0, le=365)] = Field(
        2, description="纠错“有误”几天内要有结果（自然日，当天不算）"
    )
    correction_days_outdated: Annotated[int, Field(ge=0, le=365)] = Field(
        3, description="纠错“过期”几天内要有结果"
    )
    correction_days_incomplete: Annotated[int, Field(ge=0, le=365)] = Field(
        5, description="纠错“不完整”几天内要有结果"
    )
    correction_days_unclear: Annotated[int, Field(ge=0, le=365)] = Field(
        7, description="纠错“不清楚”几天内要有结果"
    )
    rate_storage: str = Field(
        "memory://", description="限速计数存放处；多个网页进程时填 Redis 地址"
    )
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = Field(
        0, description="前面有几层可信的反向代理（用于取得真实地址）"
    )
    secure_cookies: bool = Field(
        False, description="登录 Cookie 只走 HTTPS；正式部署在 HTTPS 后面时必须打开"
    )
    session_idle_minutes: Annotated[int, Field(ge=1)] = Field(
        30, description="工作人员多久不操作就自动退出（分钟）"
    )
    session_hours: Annotated[int, Field(ge=1)] = Field(
        10, description="工作人员一次登录最长多少小时"
    )
    answer_precision: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.95, description="承诺：直接给出的答案至少这么大比例是对的"
    )
    clarify_contains: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.9, description="承诺：反问列表至少这么大比例含有正确的条目"
    )
    department_review_days: Annotated[int, Field(ge=1, le=60)] = Field(
        3, description="部门审核的期限（天），从提交的第二天算起，到最后一天的 24 点"
    )
    hotline_review_days: Annotated[int, Field(ge=1, le=60)] = Field(
        2, description="热线终审的期限（天），算法同上"
    )
    entry_review_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        365, description="已发布的条目多少天没有复核过就提醒复核"
    )
    smtp_host: str = Field("", description="发提醒邮件的 SMTP 服务器；留空就不发邮件")
    smtp_port: Port = Field(587, description="SMTP 的端口；465 时一开始就加密")
    smtp_user: str = Field("", description="SMTP 的用户名；不用登录就留空")
    smtp_password: SecretStr = Field(SecretStr(""), description="SMTP 的密码")
    smtp_from: str = Field("", validate_default=True, description="提醒邮件的发件地址")
    smtp_starttls: bool = Field(True, description="发信前用 STARTTLS 加密；端口 465 时不用管它")
    digest_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        8, description="每天几点（0–23）以后给每人发一封提醒"
    )
    public_url: str = Field(
        "", validate_default=True, description="邮件里的链接以它开头，例如 https://热线的网址"
    )
    # 270 a minute: brisk, within what the Putonghua test takes for normal (150 to 300 syllables).
    spoken_characters_per_second: Annotated[float, Field(ge=1, le=10)] = Field(
        4.5, description="口播答案按每秒念几个字估计时长"
    )
    spoken_seconds: Annotated[int, Field(ge=5, le=600)] = Field(
        60, description="口播答案念起来超过几秒就提醒采编员缩短"
    )
    check_worse_allowed: Annotated[int, Field(ge=0, le=1000)] = Field(
        3, description="发布前试问：知道该由谁回答的问题，变差超过几个就不能提交和发布"
    )
    metrics_networks: str = Field(
        "127.0.0.0/8,::1/128", description="允许读取 /metrics 的网段，用逗号分隔"
    )
    rasa_python: Path = Field(
        ROOT / ".venv-rasa" / "bin" / "python", description="Rasa 环境里的 Python 3.10 程序"
    )
    log_level: str = Field("INFO", description="日志级别：DEBUG、INFO、WARNING、ERROR")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("只能是 DEBUG、INFO、WARNING 或 ERROR")
        return value.upper()

    @field_validator("smtp_from")
    @classmethod
    def _address(cls, value: str, info: ValidationInfo) -> str:
        if value and not EMAIL.fullmatch(value):
            raise ValueError("应当是一个邮箱地址，如 hotline@example.gov.cn")
        if info.data.get("smtp_host") and not value:
            raise ValueError("填了 HOTLINE_SMTP_HOST，就要填发件地址")
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str, info: ValidationInfo) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(?:/[^\s?#]*)?", value):
            raise ValueError("应当是网址，如 https://hotline.example.gov.cn")
        if info.data.get("smtp_host") and not value:
            raise ValueError("填了 HOTLINE_SMTP_HOST，就要填邮件里链接的网址")
        return value.rstrip("/")

    @field_validator("metrics_networks")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in value.split(","):
            try:
                ip_network(part.strip())
            except ValueError as error:
                raise ValueError(f"“{part.strip()}”不是网段，应如 10.0.0.0/8") from error
        return value

    @field_validator("home", "rasa_python")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()  # a virtual environment is told by its link

    @property
    def database(self) -> str:
        """The SQLAlchemy URL that serves."""
        return self.database_url or f"sqlite:///{self.home / 'hotline.db'}"

    @property
    def index_folder(self) -> Path:
        """Where this machine's snapshot of the search index lies."""
        return self.home / "index"

    @property
    def rasa_url(self) -> str:
        """Base address of Rasa's server."""
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        """Base address of the action server."""
        return f"http://127.0.0.1:{self.actions_port}"

    def secret(self, name: str) -> bytes:
        """Return the secret `name` (32 bytes), made on first use, mode 0600.

        Raises:
            SettingsError: if the file is there but does not hold 32 bytes.
        """
        folder = self.home / "secrets"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / name
        if not path.exists():
            draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(draft, path)  # the first process wins; link never overwrites
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        value = path.read_bytes()
        if len(value) != 32:
            raise SettingsError(f"密钥文件 {path} 已损坏：应为 32 字节，请从备份恢复")
        return value


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: names each bad variable, its value and what is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"HOTLINE_{'_'.join(str(part) for part in problem['loc']).upper()}"
            f"={problem['input']!r}：{re.sub('^Value error, ', '', problem['msg'])}"
            for problem in error.errors()
        ]
        raise SettingsError("设置有误，未启动：\n  " + "\n  ".join(lines)) from error
