"""How far a right reaches, without asking for one department after the other."""

from knowledge.people.actor import RIGHTS, Actor, Right


def departments_of(actor: Actor, right: Right) -> frozenset[int] | None:
    """Return the ids of the departments for which `actor` holds `right`; None for all.

    As `Actor.may` without a category: a grant bound to a category counts.
    """
    if actor.is_system:
        return None
    found: frozenset[int] = frozenset()
    for reach in actor.reaches:
        if right not in RIGHTS[reach.role]:
            continue
        if reach.departments is None:
            return None
        found |= reach.departments
    return found
