"""Looks codes and labels up in the table of one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor import EnumDescriptor

from doorward_client.document import code_of
from doorward_client.words.en import ENGLISH
from doorward_client.words.zh import CHINESE

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
"""The table of each language; codes are keyed by their full name of the contract, labels by small letters."""


@dataclass(frozen=True, slots=True)
class Words:
    """One language."""

    language: str
    """`en` or `zh`."""
    table: Mapping[str, str] = field(repr=False)
    """What is said for which key."""

    def label(self, key: str) -> str:
        """The words for a label of this client."""
        return self.table[key]

    def counted(self, key: str, count: int) -> str:
        """The words for a number of things; `one|many` in the table where a language tells them apart."""
        one, _, many = self.table[key].rpartition("|")
        return (one if one and count == 1 else many).format(count=count)

    def value(self, enum: EnumDescriptor, number: int) -> str:
        """The words for an enum value; its code where a newer daemon sent one that has no words yet."""
        value = enum.values_by_number.get(number)
        return self.table.get(value.name if value else "", code_of(enum, number))

    def values(self, enum: EnumDescriptor, numbers: Iterable[int]) -> str:
        """The words for several enum values, in their order."""
        return self.table["list_separator"].join(self.value(enum, number) for number in numbers)

    def reason(self, reason: str) -> str:
        """The words for the reason of an error; the reason itself where it has none."""
        return self.table.get(f"ERROR_REASON_{reason}", reason)


def words_in(language: str) -> Words:
    """The words of a language, English where it is not known."""
    known = language if language in LANGUAGES else "en"
    return Words(known, LANGUAGES[known])


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the environment asks for; LC_ALL wins over LC_MESSAGES wins over LANG."""
    chosen = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh" if chosen.lower().startswith("zh") else "en"
