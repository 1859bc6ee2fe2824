"""A port in use is said before anything starts."""

import socket
from pathlib import Path

import pytest

from knowledge.settings import Settings
from web.serving.ports import PortError, require_free
from web.serving.stack import free_ports


def settings(folder: Path, ports: list[int]) -> Settings:
    return Settings(home=folder, port=ports[0], rasa_port=ports[1], actions_port=ports[2])


@pytest.mark.parametrize(
    ("at", "variable"),
    list(enumerate(["HOTLINE_PORT", "HOTLINE_RASA_PORT", "HOTLINE_ACTIONS_PORT"])),
)
def test_a_port_in_use_is_named_with_the_setting_to_change(
    tmp_path: Path, at: int, variable: str
) -> None:
    ports = free_ports(3)
    require_free(settings(tmp_path, ports))
    with socket.create_server(("127.0.0.1", ports[at])):
        with pytest.raises(PortError, match=f"端口 {ports[at]} 已被.*占用") as told:
            require_free(settings(tmp_path, ports))
        assert f"{variable}=" in str(told.value)


def test_the_three_ports_differ(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    with pytest.raises(PortError, match="不能相同"):
        require_free(settings(tmp_path, [port, port, port + 1]))
