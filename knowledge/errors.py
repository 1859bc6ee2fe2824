"""Errors of the domain. Their messages are shown to people, hence in Chinese."""


class KnowledgeError(Exception):
    """Base of every error that the domain raises on purpose."""


class NotFoundError(KnowledgeError):
    """What was asked for does not exist (or not for this person)."""


class NotAllowedError(KnowledgeError):
    """The person has no right to do this."""


class ConflictError(KnowledgeError):
    """Somebody else changed the thing meanwhile."""


class ContentError(KnowledgeError):
    """Input that breaks the rules, field by field.

    `problems` maps a field's name to what is wrong with it and how to mend it.
    """

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("；".join(problems.values()))
        self.problems = problems
