"""Codes of the contract put into words, per language; for screens as well as for the command line."""

from doorward_client.words.words import LANGUAGES, Words, language_of, words_in

__all__ = ["LANGUAGES", "Words", "language_of", "words_in"]
