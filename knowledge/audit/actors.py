"""Who acts without an account. Citizens stay nameless in the log, their addresses unkept."""

from knowledge.people.actor import Actor

CITIZEN = Actor(user_id=None, name="市民")
NOBODY = "未登录"


def stranger(address: str) -> Actor:
    """Return somebody who has not proved who they are."""
    return Actor(user_id=None, name=NOBODY, address=address)
