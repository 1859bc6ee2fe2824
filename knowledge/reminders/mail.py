"""One e-mail over SMTP, as the settings say."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from knowledge import clock
from knowledge.errors import KnowledgeError
from knowledge.settings import EMAIL, Settings

TIMEOUT_SECONDS = 20
IMPLICIT_TLS = 465


class MailError(KnowledgeError):
    """A mail was not sent; the message names no address.

    `permanent`: it would not be taken later either; `nobody`: the server itself cannot be used.
    """

    def __init__(self, message: str, *, permanent: bool = False, nobody: bool = False) -> None:
        """Say what was wrong."""
        super().__init__(message)
        self.permanent, self.nobody = permanent, nobody


@dataclass(frozen=True)
class Mail:
    """A mail; `name` makes its Message-ID, so that one sent twice can be told from two."""

    to: str
    subject: str
    text: str
    name: str = ""


def is_set_up(settings: Settings) -> bool:
    """Tell whether mails can be sent."""
    return bool(settings.smtp_host)


def send(settings: Settings, mail: Mail) -> None:
    """Hand a mail to the server.

    Raises:
        MailError: it did not take the mail.
    """
    if not is_set_up(settings):
        raise MailError("没有设置 HOTLINE_SMTP_HOST，不能发邮件", permanent=True, nobody=True)
    if not EMAIL.fullmatch(mail.to):
        raise MailError("收件地址不是邮箱地址", permanent=True)
    try:
        with _connected(settings) as server:
            server.send_message(_message(settings, mail))
    except (OSError, smtplib.SMTPException) as error:
        raise _told(error) from error


def _told(error: OSError | smtplib.SMTPException) -> MailError:
    """Return what went wrong in words, without what the server said: it may hold an address."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            return MailError(f"服务器不接受收件地址（{code}）", permanent=code >= 500)
        case smtplib.SMTPAuthenticationError():
            told = f"服务器不接受用户名和密码（{error.smtp_code}）"
        case smtplib.SMTPSenderRefused():
            told = f"服务器不接受发件地址（{error.smtp_code}）"
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            told = f"发信服务器不接受连接（{error.smtp_code}）"
        case smtplib.SMTPResponseException():
            told = f"服务器没有收下邮件（{error.smtp_code}）"
            return MailError(told, permanent=error.smtp_code >= 500)
        case smtplib.SMTPNotSupportedError():
            told = "服务器不支持 STARTTLS 或登录，请核对设置"
        case ssl.SSLError():
            told = "加密连接没有建立，请核对证书和端口"
        case _:
            told = f"连不上发信服务器（{type(error).__name__}）"
    return MailError(told, nobody=True)


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    own = settings.smtp_from.partition("@")[2]
    if port == IMPLICIT_TLS:
        secure = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, own, timeout=TIMEOUT_SECONDS, context=secure
        )
    else:
        server = smtplib.SMTP(host, port, own, timeout=TIMEOUT_SECONDS)
    try:
        if port != IMPLICIT_TLS and settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def _message(settings: Settings, mail: Mail) -> EmailMessage:
    domain = settings.smtp_from.partition("@")[2]
    message = EmailMessage()
    message["From"] = settings.smtp_from
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(clock.local(clock.now()))
    message["Message-ID"] = f"<{mail.name}@{domain}>" if mail.name else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message
