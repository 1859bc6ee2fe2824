"""Tells that Rasa's insides are not those that this project replaces parts of."""


class IncompatibleRasaError(Exception):
    """This Rasa is not the one that the launcher was written for."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"Rasa 里没有 {missing}：版本不符，请按 bot/requirements.lock 重新安装")
