"""Find and add departments."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.departments.models import Department
from knowledge.errors import NotFoundError


def departments(session: Session) -> Sequence[Department]:
    """Return all departments, in the order in which they were added."""
    return session.scalars(select(Department).order_by(Department.id)).all()


def department_named(session: Session, key: str) -> Department:
    """Return the department with code or name `key`.

    Raises:
        NotFoundError: names the departments that there are.
    """
    found = session.scalar(
        select(Department).where((Department.code == key) | (Department.name == key))
    )
    if found is None:
        names = "、".join(department.name for department in departments(session)) or "（无）"
        raise NotFoundError(f"没有叫“{key}”的部门；现有部门：{names}")
    return found


def add_department(
    session: Session,
    *,
    code: str,
    name: str,
    kind: str = "bureau",
    phone: str | None = None,
    parent: str | None = None,
) -> Department:
    """Add a department, or return the one that has this code already."""
    existing = session.scalar(select(Department).where(Department.code == code))
    if existing is not None:
        return existing
    parent_id = department_named(session, parent).id if parent else None
    department = Department(code=code, name=name, kind=kind, phone=phone, parent_id=parent_id)
    session.add(department)
    session.flush()
    return department
