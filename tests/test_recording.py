"""The recording on the site's first page: kept as it was run, drawn as it is kept, and still true."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any

import pytest

from grader.errors import AuthorError
from grader.site import drawing, recording
from tests.conftest import REPOSITORY

DOCUMENT: dict[str, Any] = json.loads((recording.ASSETS / recording.FILE).read_text(encoding="utf-8"))
NAMES = list(recording.TERMINALS)
SVG = "{http://www.w3.org/2000/svg}"


def told(scenes: Iterable[dict[str, Any]]) -> list[Any]:
    """What scenes say, but for how long anything took."""
    said: list[Any] = []
    for scene in scenes:
        if "diff" in scene:
            said.append(scene)
            continue
        printed = [(text.markup, text.plain) for _, text in drawing.lines(scene["output"])]
        words = [re.sub(r"\d+\.\d\d s ·", "… s ·", words) for pair in printed for words in pair]
        said.append((scene["command"], scene["code"], words))
    return said


def words_of(svg: str) -> str:
    """The text of a drawing, its pieces parted by one blank."""
    return " ".join(element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text"))


def luminance(colour: str) -> float:
    """How light a colour is, as WCAG 2 counts."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_terminal_is_kept_for_each_width() -> None:
    """The file holds the terminals that the module names, as wide as it says."""
    kept = {name: (terminal["columns"], terminal["rows"]) for name, terminal in DOCUMENT["terminals"].items()}
    assert kept == recording.TERMINALS


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_is_what_the_recording_draws(name: str) -> None:
    """Nobody edits the SVG; python -m grader.site.recording writes it."""
    assert (recording.ASSETS / f"{name}.svg").read_text(encoding="utf-8") == drawing.draw(DOCUMENT, name)


@pytest.mark.parametrize("name", NAMES)
def test_the_recording_is_what_the_grader_prints_now(name: str) -> None:
    """Run again in a terminal as wide, both programs get the same reports in the same colours, seconds apart."""
    terminal = DOCUMENT["terminals"][name]
    try:
        scenes = recording.scenes(terminal["columns"])
    except AuthorError as error:
        if "no sandbox:" in str(error):
            pytest.skip("there is no sandbox on this machine, and the report says so")
        raise
    assert told(scenes) == told(terminal["scenes"])


def test_the_first_page_of_the_repository_shows_the_recorded_run() -> None:
    """README.md holds the command and its whole report, word for word."""
    scene = DOCUMENT["terminals"]["recording"]["scenes"][0]
    printed = re.sub(r"\x1b\[[0-9;]*m", "", "".join(text for _, text in scene["output"])).replace("\r\n", "\n")
    shown = f"```console\n$ {scene['command']}\n\n{printed.strip(chr(10))}\n```"
    assert shown in (REPOSITORY / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_word_that_was_printed_is_drawn(name: str) -> None:
    """In order, with the commands before and the edit between; nothing is left out but blanks."""
    drawn = "".join(words_of(drawing.draw(DOCUMENT, name)).split())
    for scene in DOCUMENT["terminals"][name]["scenes"]:
        lines = [scene["command"]] if "command" in scene else [scene["file"], *scene["diff"]]
        lines += [text.plain for _, text in drawing.lines(scene.get("output", ()))]
        assert "".join("".join(lines).split()) in drawn
    for words in ("13of14", "14of14", "expectedanidnotseenbefore", "Itlookslikeyourprogram"):
        assert words in drawn


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_is_a_picture_and_no_more(name: str) -> None:
    """Well-formed, named for those who do not see it, small, without script or address."""
    svg = drawing.draw(DOCUMENT, name)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"] and root[0].text and root[1].text
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "path", "circle", "g", "text")
    }
    attributes = {attribute for element in root.iter() for attribute in element.attrib}
    assert not [attribute for attribute in attributes if "href" in attribute or attribute.startswith("on")]
    assert not re.search(r"url\(|@import|@font-face|javascript:", svg)
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert len(svg.encode()) < 60_000


@pytest.mark.parametrize("name", NAMES)
def test_the_drawing_ends_in_time_and_can_stand_still(name: str) -> None:
    """It moves for twelve seconds at most, once, and not at all where less motion is wanted."""
    svg = drawing.draw(DOCUMENT, name)
    assert drawing.seconds(DOCUMENT, name) <= recording.LONGEST
    assert "infinite" not in svg
    assert re.search(r"prefers-reduced-motion:reduce\)\{\*\{animation:none", svg)
    delays = [float(found) for found in re.findall(r"animation-delay:([\d.]+)s", svg)]
    assert max(delays) <= drawing.seconds(DOCUMENT, name) + 0.01


def test_every_colour_can_be_read() -> None:
    """Contrast of 4.5 to 1 and more, of text with the terminal, and of an edit with what it stands on."""
    grounds = {drawing.GROUND: drawing.COLOURS.values(), drawing.BAR: [drawing.COLOURS["d"]]}
    grounds |= {drawing.TINTS["+"]: [drawing.COLOURS["g"]], drawing.TINTS["-"]: [drawing.COLOURS["r"]]}
    for ground, colours in grounds.items():
        for colour in colours:
            assert (luminance(colour) + 0.05) / (luminance(ground) + 0.05) >= 4.5, (colour, ground)


def test_no_piece_of_text_is_wider_than_the_terminal() -> None:
    """Whatever the font, each piece has the width of its columns and ends inside."""
    for name in NAMES:
        root = ET.fromstring(drawing.draw(DOCUMENT, name))
        for element in root.iter(f"{SVG}text"):
            end = float(element.get("x", 0)) + float(element.get("textLength", 0))
            assert end <= float(root.get("width", 0)), element.text


def test_a_line_that_was_begun_anew_is_drawn_as_it_ended() -> None:
    """What a slow check said while it worked is not in the picture; what it said in the end is, and when."""
    output = [
        [1.1, "\r\x1b[K  3 checks judged …"],
        [1.4, "\r\x1b[K\r"],
        [1.4, "\n\x1b[32m✓"],
        [1.5, "\x1b[0m it holds\r\n"],
    ]
    assert [(at, text.plain) for at, text in drawing.lines(output)] == [(1.4, ""), (1.5, "✓ it holds")]


@pytest.mark.parametrize("written", ["\x1b[2J", "a\rb", "a\x08b", "\x1b[31;1A"])
def test_what_cannot_be_drawn_is_refused(written: str) -> None:
    """A terminal's other commands would make a drawing that shows what nobody saw."""
    with pytest.raises(ValueError, match="cannot be drawn"):
        drawing.lines([[0.1, f"{written}\r\n"]])


def test_a_run_that_ends_otherwise_is_refused() -> None:
    """Nothing is kept when the wrong solution passes or prints another report."""
    before = DOCUMENT["terminals"]["recording"]["scenes"][0]
    with pytest.raises(AuthorError, match="exit code 1, expected 0"):
        recording._expect(before, 0, "13 of 14 ")
    with pytest.raises(AuthorError, match="12 of 14"):
        recording._expect(before, 1, "12 of 14 ")
    recording._expect(before, 1, "13 of 14 ")
