"""How hard a lesson is to read: by Flesch's index, by its longest sentence and by its longest paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import REPOSITORY
from tests.markdown import Page
from tests.pages import Found

SECTIONS = ("Why it matters", "Lesson")
# Set by measuring: every lesson keeps them, with little to spare; an academic paragraph (tests/test_pages.py) does not.
EASE = 70
LONGEST_SENTENCE = 40
LONGEST_PARAGRAPH = 90

_ITEM = re.compile(r"\s*(?:[-*+]|\d+\.) +")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)*_]*\s+")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# The e of "make", "makes" and "named" is not heard; that of "table", "boxes" and "wanted" is.
_SILENT = re.compile(r"(?<![le])e$|(?<=[aeiou]l)e$|(?<![sxzlcgh])es$|(?<![td])ed$")
_VOWELS = re.compile(r"[aeiouyäöü]+")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph or one item of a list, and the line it begins on."""

    line: int
    text: str

    @property
    def sentences(self) -> list[list[str]]:
        """The words of each sentence."""
        found = (_WORD.findall(sentence) for sentence in _SENTENCE_END.split(self.text))
        return [words for words in found if words]


def paragraphs(page: Page, *titles: str) -> list[Paragraph]:
    """The prose of some sections; headings, tables, pictures and tags are none, and a span of code is one short word."""
    shown = page.spoken("code").split("\n")
    found: list[Paragraph] = []
    for title in titles:
        open_ = False
        for number in page.lines(title):
            line = shown[number - 1]
            if not line.strip() or re.match(r"\s*(?:#{1,6} |\||<|!\[)", line):
                open_ = False
            elif open_ and not _ITEM.match(line):
                found[-1] = Paragraph(found[-1].line, f"{found[-1].text} {line.strip()}")
            else:
                found.append(Paragraph(number, _ITEM.sub("", line, count=1).strip()))
                open_ = True
    return found


def syllables(word: str) -> int:
    """How many times one hears a vowel, by the rule of thumb that a final e is silent."""
    word = _SILENT.sub("", word.lower())
    return max(1, len(_VOWELS.findall(word)))


def ease(found: list[Paragraph]) -> float:
    """Flesch's reading ease: about 100 for a child's book, 60 for plain English, below 30 for a scientific paper."""
    sentences = [sentence for paragraph in found for sentence in paragraph.sentences]
    words = [word for sentence in sentences for word in sentence]
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * sum(map(syllables, words)) / len(words)


def reading(page: Page) -> Iterator[Found]:
    """The prose of a lesson is easy enough, and so is each of its sentences and paragraphs."""
    if not page.path.is_relative_to(REPOSITORY / "curriculum"):
        return
    found = paragraphs(page, *SECTIONS)
    if found and (index := ease(found)) < EASE:
        yield found[0].line, f"a reading ease of {index:.0f}; {EASE} or more is wanted: shorter sentences and words"
    for paragraph in found:
        longest = max(map(len, paragraph.sentences), default=0)
        if longest > LONGEST_SENTENCE:
            yield paragraph.line, f"a sentence of {longest} words; {LONGEST_SENTENCE} are the most"
        length = sum(map(len, paragraph.sentences))
        if length > LONGEST_PARAGRAPH:
            yield paragraph.line, f"a paragraph of {length} words; {LONGEST_PARAGRAPH} are the most"
