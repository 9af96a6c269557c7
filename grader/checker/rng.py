"""Random data for checks: the same seed gives the same data, whatever else was run."""

from __future__ import annotations

import random

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"
_ASTONISHING = ("é", "ß", "ł", "日本", "🙂", "'", '"', "&", "<b>", "%20", "—")


class Rng(random.Random):
    """``random.Random`` that also makes up words, seeded by the run and the check."""

    def __init__(self, seed: str, check: str) -> None:
        # A string seed, because hash() of a tuple differs from one process to the next.
        super().__init__(f"{seed}:{check}")

    def word(self, syllables: int = 3) -> str:
        """A pronounceable word of lower-case ASCII letters."""
        return "".join(self.choice(_CONSONANTS) + self.choice(_VOWELS) for _ in range(syllables))

    def words(self, count: int) -> list[str]:
        """``count`` different words."""
        found: list[str] = []
        while len(found) < count:
            word = self.word()
            if word not in found:
                found.append(word)
        return found

    def text(self, words: int = 2) -> str:
        """A line of words with one character in it that careless code stumbles over."""
        parts = self.words(words)
        parts.insert(self.randrange(words), self.choice(_ASTONISHING))
        return " ".join(parts)
