"""What the page says, per language: its own labels over the client's words for the codes of the contract."""

from collections.abc import Mapping

from doorward_client.words import LANGUAGES
from doorward_kiosk.words.en import ENGLISH
from doorward_kiosk.words.zh import CHINESE

OWN: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
"""The page's own words of each language."""


def page_words() -> dict[str, dict[str, str]]:
    """Everything the page can say: language, then code or label, to words."""
    return {language: {**LANGUAGES.get(language, {}), **own} for language, own in OWN.items()}
