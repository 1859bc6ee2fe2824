# mypy: ignore-errors
"""The safety net behind the intent classifier: no question may be swallowed.

A classifier with a handful of dialogue intents is sure of too much: a greeting in
front of a question, "人工" inside "人工授精". So a dialogue intent stands only if the
sentence as a whole is made of what dialogue's examples are made of; whatever it
says beyond them is something to search for.
"""

import json
import re
import unicodedata
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

FILE = "sentences.json"
_PARTICLES = re.compile("[啊呀啦呢吧哦噢嘛哟咯嗯亲]")
_BREAK = re.compile(r"[^\w]+")
_LONG_NUMBER = re.compile(r"\d{3,}")
_NUMERAL = "[一二两三四五六七八九十]"
_SHORT_NUMBER = re.compile(rf"最后[一那]?|(?:倒数)?第?(?:(?<!\d)\d{{1,2}}(?!\d)|{_NUMERAL}{{1,3}})")


def plain(text: str) -> str:
    """Return `text` in one width and case, without punctuation, emoji and particles."""
    folded = unicodedata.normalize("NFKC", text).lower()
    spoken = "".join(character for character in folded if character.isalnum())
    return _PARTICLES.sub("", spoken) or spoken


def pieces(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of each clause of `text`.

    Small numbers all count as "#": whoever may say 第二个 may say 第七个. A long one is
    one "*", and a letter alone says nothing: neither is a piece that can be known.
    """
    found: set[str] = set()
    for clause in _BREAK.split(unicodedata.normalize("NFKC", text)):
        counted = _SHORT_NUMBER.sub("#", _LONG_NUMBER.sub("*", plain(clause)))
        last = max(len(counted) - 1, min(len(counted), 1))
        found.update(counted[at : at + 2] for at in range(last))
    return found


def covered(text: str, known: set[str]) -> float:
    """Return the share (0..1) of the pieces of `text` that are in `known`."""
    own = pieces(text)
    return len(own & known) / len(own) if own else 0.0


def composition(sentence: str, parts: set[str]) -> list[str]:
    """Return members of `parts` that make up the whole sentence, or nothing."""
    ways: list[list[str] | None] = [[]]  # ways[end]: parts that make up sentence[:end]
    for end in range(1, len(sentence) + 1):
        ways.append(None)
        for start in range(end):
            before, part = ways[start], sentence[start:end]
            if before is not None and part in parts:
                ways[end] = [*before, part]
                break
    return ways[-1] or []


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WholeSentence(GraphComponent, IntentClassifier):
    """Confirms a dialogue intent by the whole sentence, or makes it a question."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings: lengths in characters, shares between 0 and 1."""
        return {
            "question_intent": "question",
            "searched_intents": ["question"],
            "longest_dialogue": 24,
            "least_covered": 0.8,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        examples: dict[str, list[str]] | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._remember(examples or {})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa passes it by name
    ) -> "WholeSentence":
        """Return an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003 - Rasa passes it by name
        **_: Any,
    ) -> "WholeSentence":
        """Return the component with the sentences of its training."""
        with model_storage.read_from(resource) as folder:
            examples = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, examples)

    def train(self, training_data: TrainingData) -> Resource:
        """Remember every example and what each intent's examples are made of."""
        examples: dict[str, list[str]] = {}
        for example in training_data.intent_examples:
            if text := example.get(TEXT):
                examples.setdefault(example.get(INTENT), []).append(text)
        self._remember(examples)
        with self._storage.write_to(self._resource) as folder:
            text = json.dumps(examples, ensure_ascii=False)
            (folder / FILE).write_text(text, encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Settle each message's intent."""
        for message in messages:
            found = message.get(INTENT) or {}
            name = found.get(INTENT_NAME_KEY)
            settled = self.settle(message.get(TEXT) or "", name)
            if settled != name:
                message.set(INTENT, {"name": settled, "confidence": 1.0}, add_to_output=True)
        return messages

    def settle(self, text: str, guessed: str | None) -> str | None:
        """Return the intent that stands for `text`, given what was guessed."""
        sentence = plain(text)
        if sentence in self._sentences:
            return self._sentences[sentence]
        if len(sentence) > self._config["longest_dialogue"]:
            return guessed if self._is_searched(guessed) else self._config["question_intent"]
        said = composition(sentence, self._spoken)
        if said:  # 好的 + 谢谢您: the classifier decides between the two, else the longer
            intents = {part: self._sentences[part] for part in said}
            return guessed if guessed in intents.values() else intents[max(said, key=len)]
        if self._is_searched(guessed):
            return guessed
        stands = covered(text, self._known) >= self._config["least_covered"]
        return guessed if stands else self._config["question_intent"]

    def _is_searched(self, intent: str | None) -> bool:
        return intent in self._config["searched_intents"]

    def _remember(self, examples: dict[str, list[str]]) -> None:
        """Take each intent's examples as its sentences and what they are made of."""
        self._sentences = {
            plain(text): intent for intent, texts in examples.items() for text in texts
        }
        self._spoken = {
            sentence
            for sentence, intent in self._sentences.items()
            if len(sentence) > 1 and not self._is_searched(intent)
        }
        dialogue = [examples[intent] for intent in examples if not self._is_searched(intent)]
        found = {piece for texts in dialogue for text in texts for piece in pieces(text)}
        self._known = {
            piece for piece in found if piece == "#" or not (len(piece) == 1 and piece.isascii())
        }
