"""Which submissions of an exercise are alike: winnowing fingerprints over tokens.

A program is read as a row of symbols, every identifier the same one, so that new names, other
comments and another layout change nothing. Each ``GRAM`` symbols in a row are hashed, and of each
``WINDOW`` hashes in a row the smallest is kept: any stretch of ``GRAM + WINDOW - 1`` symbols that two
programs share leaves at least one fingerprint in both (Schleimer, Wilkerson and Aiken, 2003).

Alike is all this says. There may be one good way to write a program, and an instructor judges.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

# Symbols in a fingerprint, about two lines of Python: shorter ones are idioms that everybody writes.
GRAM = 16
# Hashes of which one is kept: longer is faster, and misses longer stretches.
WINDOW = 8
# What more than this share of the class has in common, and at least so many of it, tells nobody apart.
COMMON_SHARE = 1 / 3
COMMON_LEAST = 5
# Less than this is told of no pair: a few fingerprints, or a small part, are chance.
LEAST_SHARED = 8
LEAST_SHARE = 0.2
# The pairs that are told at all, the most alike ones.
MOST_PAIRS = 200

# What is read of a submission at most; the rest is as if it were not there.
_MOST_FILES = 200
_MOST_BYTES = 256 * 1024
_MOST_LINES = 5_000
_MOST_LINE = 1_000
_MOST_SYMBOLS = 20_000
# Of one fingerprint in one submission: a program of one line a thousand times is shown once and not a million times.
_MOST_PLACES = 8
# Each is one line that is no Python; tokenizing begins anew behind it.
_MOST_ERRORS = 20
# Written by tools, and the same for whoever uses the same packages.
_GENERATED = frozenset({"package-lock.json", "poetry.lock", "uv.lock", "yarn.lock"})
# Symbols between two shared stretches that are shown as one: a changed name does not part them, a changed line may.
_GAP = GRAM + WINDOW

_BASE, _PRIME = 1_000_003, (1 << 61) - 1
_LEAVING = pow(_BASE, GRAM, _PRIME)
_WORD = re.compile(r"\w+|[^\w\s]")
_NAME, _NUMBER, _STRING = (zlib.crc32(kind) for kind in (b"a name", b"a number", b"a string"))
# The tokens of an f-string have names since Python 3.12 only; before, it is one string.
_F_START = getattr(tokenize, "FSTRING_START", None)
_F_END = getattr(tokenize, "FSTRING_END", None)
_LAYOUT = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, _F_END)


@dataclass(frozen=True)
class Match:
    """A stretch that two submissions share: a file and its first and last line (from 1) on each side."""

    left_file: str
    left_lines: tuple[int, int]
    right_file: str
    right_lines: tuple[int, int]


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike, by their keys.

    ``share`` is how much of the smaller one's fingerprints the other has, too, from 0 to 1, without
    those of files that were given and those that are common in the class; ``shared`` is their count.
    """

    left: str
    right: str
    share: float
    shared: int
    matches: tuple[Match, ...] = ()


def gathered(pairs: Sequence[Pair]) -> list[tuple[Pair, tuple[str, ...]]]:
    """The pairs in their order, each with the keys of further copies; pairs within a group of copies stand for it once.

    Eight copies of one program are one thing to read, not twenty-eight.
    """
    groups: dict[str, list[str]] = {}
    for pair in pairs:
        if pair.share == 1:
            left, right = groups.get(pair.left, [pair.left]), groups.get(pair.right, [pair.right])
            if left is not right:
                left += right
                groups |= dict.fromkeys(left, left)
    found: list[tuple[Pair, tuple[str, ...]]] = []
    told: set[int] = set()
    for pair in pairs:
        if pair.share < 1:
            found.append((pair, ()))
        elif id(group := groups[pair.left]) not in told:
            told.add(id(group))
            found.append((pair, tuple(key for key in group if key not in (pair.left, pair.right))))
    return found


@dataclass(frozen=True)
class _Place:
    """Where a fingerprint is: the file, its number of symbols before it, its first and last line."""

    file: str
    at: int
    first: int
    last: int


_Symbol = tuple[int, int]  # what it is, and its line
_Prints = dict[int, list[_Place]]


def similar(submissions: Mapping[str, Mapping[str, bytes]], given: Iterable[Mapping[str, bytes]] = ()) -> list[Pair]:
    """The pairs of submissions that are alike, the most alike first; never raises for what is in them.

    ``submissions`` holds each one's files by name, ``given`` the files of what everybody was handed
    (the starter, a reference): what is in those counts for nobody.
    """
    handed = {code for files in given for symbols in _read(files).values() for code in _hashes(symbols)}
    names = sorted(submissions)
    prints = [_fingerprints(submissions[name], handed) for name in names]
    holders: dict[int, list[int]] = defaultdict(list)
    for number, found in enumerate(prints):
        for code in found:
            holders[code].append(number)
    most = max(COMMON_LEAST - 1, len(names) * COMMON_SHARE)
    own = [{code: places for code, places in found.items() if len(holders[code]) <= most} for found in prints]
    alike: list[tuple[float, int, int, int]] = []
    for left, found in enumerate(own):
        others: Counter[int] = Counter()
        for code in found:
            others.update(holders[code])
        for right, shared in others.items():
            share = shared / min(len(found), len(own[right]))
            if right > left and shared >= LEAST_SHARED and share >= LEAST_SHARE:
                alike.append((-share, -shared, left, right))
    return [
        Pair(names[left], names[right], -share, -shared, _matches(own[left], own[right]))
        for share, shared, left, right in sorted(alike)[:MOST_PAIRS]
    ]


def lines(content: bytes) -> list[str]:
    """The lines of a file as a ``Match`` counts them, whatever its bytes are."""
    return content[:_MOST_BYTES].decode("utf-8", "replace").splitlines()


def _fingerprints(files: Mapping[str, bytes], handed: set[int]) -> _Prints:
    """Where each fingerprint of a submission is, without those of what was handed out."""
    prints: _Prints = {}
    for name, symbols in _read(files).items():
        hashes = _hashes(symbols)
        for at in _smallest(hashes):
            if hashes[at] not in handed:
                places = prints.setdefault(hashes[at], [])
                if len(places) < _MOST_PLACES:
                    places.append(_Place(name, at, symbols[at][1], symbols[at + GRAM - 1][1]))
    return prints


def _hashes(symbols: Sequence[_Symbol]) -> list[int]:
    """The hash of each ``GRAM`` symbols in a row."""
    found = []
    code = 0
    for at, (symbol, _) in enumerate(symbols):
        code = (code * _BASE + symbol) % _PRIME
        if at >= GRAM:
            code = (code - symbols[at - GRAM][0] * _LEAVING) % _PRIME
        if at >= GRAM - 1:
            found.append(code)
    return found


def _smallest(hashes: Sequence[int]) -> Iterator[int]:
    """The places that hold the smallest hash of some window: one already kept, or else the last of equal ones."""
    kept = -1
    for end in range(min(WINDOW, len(hashes)), len(hashes) + 1):
        start = end - WINDOW
        if kept < max(start, 0):
            kept = min(range(max(start, 0), end), key=lambda at: (hashes[at], -at), default=-1)
        elif hashes[end - 1] < hashes[kept]:
            kept = end - 1
        else:
            continue
        if kept >= 0:
            yield kept


def _read(files: Mapping[str, bytes]) -> dict[str, list[_Symbol]]:
    """The symbols of each file that is text, as many as are read at all: programs first, small files before large ones.

    So nobody's program goes unread for what lies beside it.
    """
    left = _MOST_SYMBOLS
    found: dict[str, list[_Symbol]] = {}
    for name in sorted(files, key=lambda name: (not name.endswith(".py"), len(files[name]), name))[:_MOST_FILES]:
        if name.rpartition("/")[2] in _GENERATED or b"\0" in files[name][:_MOST_BYTES]:
            continue
        text = [line[:_MOST_LINE] for line in lines(files[name])[:_MOST_LINES]]
        found[name] = list(islice(_python(text) if name.endswith(".py") else _words(text), left))
        left -= len(found[name])
    return found


def _words(text: Sequence[str]) -> Iterator[_Symbol]:
    for number, line in enumerate(text, 1):
        for word in _WORD.findall(line):
            yield zlib.crc32(word.encode("utf-8", "replace")), number


def _python(text: Sequence[str]) -> Iterator[_Symbol]:
    """The symbols of Python's tokens; an error costs the line it is in and not the file."""
    done = 0
    for _ in range(_MOST_ERRORS):
        line = 0
        try:
            for symbol, line in _tokens("\n".join(text[done:]) + "\n"):
                yield symbol, done + line
        except (tokenize.TokenError, SyntaxError, ValueError, RecursionError, MemoryError):
            done += line + 1
        else:
            return


def _tokens(text: str) -> Iterator[_Symbol]:
    """One symbol for each token that means something; a string that stands alone explains and is left out."""
    alone: list[_Symbol] = []
    begins, inside = True, 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        line = token.start[0]
        inside += (token.type == _F_START) - (token.type == _F_END)
        if token.type in _LAYOUT or (inside and token.type != _F_START) or inside > 1:
            continue
        if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            alone, begins = [], True
        elif begins and token.type == tokenize.STRING:
            alone.append((_STRING, line))
        else:
            yield from alone
            alone, begins = [], False
            yield _code(token), line


def _code(token: tokenize.TokenInfo) -> int:
    if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
        return _NAME
    if token.type == tokenize.NUMBER:
        return _NUMBER
    if token.type in (tokenize.STRING, _F_START):
        return _STRING
    return zlib.crc32(token.string.encode("utf-8", "replace"))


def _matches(left: _Prints, right: _Prints) -> tuple[Match, ...]:
    """The stretches that both have, neighbours joined, in the order of the left one's files."""
    shared = [(place, right[code]) for code, found in left.items() if code in right for place in found]
    shared.sort(key=lambda both: (both[0].file, both[0].at))
    joined: list[list[tuple[_Place, _Place]]] = []
    for here, there in shared:
        follows = (place for place in there if joined and _follows(joined[-1][-1], (here, place)))
        found = next(follows, None)
        if found:
            joined[-1].append((here, found))
        else:
            joined.append([(here, there[0])])
    return tuple(_match(stretch) for stretch in joined)


def _follows(last: tuple[_Place, _Place], new: tuple[_Place, _Place]) -> bool:
    """Whether on both sides a place comes soon after the last one."""
    return all(old.file == place.file and 0 <= place.at - old.at <= _GAP for old, place in zip(last, new, strict=True))


def _match(stretch: Sequence[tuple[_Place, _Place]]) -> Match:
    (left, right), (left_end, right_end) = stretch[0], stretch[-1]
    return Match(left.file, (left.first, left_end.last), right.file, (right.first, right_end.last))
