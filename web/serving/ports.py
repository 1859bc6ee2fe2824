"""Is a port free? Asked before anything starts."""

import socket

from knowledge.errors import KnowledgeError
from knowledge.settings import Settings


class PortError(KnowledgeError):
    """A port that is needed is taken."""


def require_free(settings: Settings) -> None:
    """Make sure that the three ports can be listened on.

    Raises:
        PortError: names the port, what it is for, and the setting to change.
    """
    wanted = (
        (settings.host, settings.port, "网页服务", "HOTLINE_PORT"),
        ("127.0.0.1", settings.rasa_port, "Rasa", "HOTLINE_RASA_PORT"),
        ("127.0.0.1", settings.actions_port, "动作服务", "HOTLINE_ACTIONS_PORT"),
    )
    if len({port for _, port, _, _ in wanted}) < len(wanted):
        raise PortError("HOTLINE_PORT、HOTLINE_RASA_PORT、HOTLINE_ACTIONS_PORT 不能相同")
    for host, port, name, variable in wanted:
        if not _free(host, port):
            other = port + 1000 if port < 64_000 else port - 1000
            raise PortError(
                f"端口 {port} 已被别的程序占用，{name}无法启动。"
                f"请关闭占用它的程序，或换一个端口：{variable}={other} make run"
            )


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
