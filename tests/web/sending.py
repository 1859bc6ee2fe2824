"""Files that a colleague sends to be imported, as a browser does."""

import io
import re
from pathlib import Path
from typing import Any

from tests.web.conftest import Colleague
from web.services import Services

HOME = "/department/exchange"


def sent(person: Colleague, path: Path, **more: str) -> Any:
    data = {"file": (io.BytesIO(path.read_bytes()), path.name), **more}
    got = person.client.get(HOME)
    assert (got.status_code, "csrf_token" in got.text) == (200, True), got.text
    return person.submit(HOME, HOME, **data)


def checked(person: Colleague, held: Services, path: Path, **more: str) -> str:
    """Send a file and wait until it is checked; returns its page's address."""
    answer = sent(person, path, **more)
    assert answer.status_code == 303, answer.text
    assert held.imports.wait(60)
    return str(answer.location)


def imported(person: Colleague, held: Services, where: str, **more: str) -> str:
    """Press the button and wait; returns the page."""
    answer = person.submit(f"{where}/import", where, **more)
    assert answer.status_code == 303, answer.text
    assert held.imports.wait(60)
    return str(person.client.get(where).text)


def seen(page: str) -> dict[str, int]:
    """Return the numbers of the tabs."""
    told = re.findall(r"(全部|有错误|新增|修改|没有变化) <b>([\d,]+)</b>", page)
    return {name: int(number.replace(",", "")) for name, number in told}
