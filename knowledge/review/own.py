"""Which departments' entries are a person's own to keep, and not merely allowed to be changed."""

from knowledge.people.actor import RIGHTS, Actor, Right


def answers_for(actor: Actor) -> frozenset[int]:
    """Return the departments for which a grant names the person as one who writes.

    A manager of the whole hotline may write for all, and answers for the home department.
    """
    named = [
        reach.departments
        for reach in actor.reaches
        if reach.departments is not None and Right.EDIT_ENTRIES in RIGHTS[reach.role]
    ]
    home = actor.department_id
    if home is not None and actor.may(Right.EDIT_ENTRIES, home):
        named.append(frozenset({home}))
    return frozenset().union(*named)
