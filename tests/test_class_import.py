"""What a class hands in, from everywhere it comes from: taken whole, refused with a reason, never silently lost."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import stat
import subprocess
import tarfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.classroom.archives import shown, unpack
from grader.classroom.importers import read, repository
from grader.classroom.importers.canvas import UNKNOWN_DELAY
from grader.classroom.importers.context import moment
from grader.classroom.importers.metadata import parse
from grader.classroom.model import Problem, Received, Student
from grader.classroom.roster import Roster
from grader.errors import UsageError

EXERCISES = ("hello", "notes-crud")
APP = b"print('hello')\n"
Files = Mapping[str, bytes]


def zip_of(files: Files, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_of(files: Files, format_: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format_) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def laid(folder: Path, files: Files) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def taken(
    source: Path, *, kind: str = "auto", exercise: str | None = None, roster: Roster | None = None
) -> tuple[list[Received], list[Problem]]:
    """What is read from a source; nothing of it may hold what a terminal would obey."""
    found = list(read(source, kind=kind, exercise=exercise, exercises=EXERCISES, roster=roster or Roster()))
    problems = [one for one in found if isinstance(one, Problem)]
    received = [one for one in found if isinstance(one, Received)]
    texts = [text for one in problems for text in (one.where, one.what)]
    texts += [text for one in received for text in (one.student.id, one.student.name, one.source, *one.refused)]
    assert all(text.isprintable() for text in texts), texts
    return received, problems


def by_student(received: list[Received]) -> dict[str, dict[str, bytes]]:
    return {one.student.id: dict(one.files) for one in received}


def roster_of(path: Path, text: str | bytes) -> tuple[Roster, tuple[Problem, ...]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Roster.read(path)


# Archives.

FILES = {"app.py": APP, "lib/größe.py": b"x = 1\n", "empty.txt": b""}
LONG = {f"{'deep/' * 30}{'n' * 90}.py": APP}


@pytest.mark.parametrize(
    "archive",
    [
        zip_of(FILES),
        zip_of(FILES, zipfile.ZIP_STORED),
        tar_of(FILES),
        tar_of(FILES, tarfile.GNU_FORMAT),
        tar_of(FILES, tarfile.USTAR_FORMAT),
        gzip.compress(tar_of(FILES)),
        lzma.compress(tar_of(FILES)),
        bz2.compress(tar_of(FILES)),
    ],
    ids=["zip", "stored", "pax", "gnu", "ustar", "gz", "xz", "bz2"],
)
def test_an_archive_gives_its_files(archive: bytes, tmp_path: Path) -> None:
    """Zips and tarballs of every packing are read, from memory and from a path, whatever they are called."""
    assert unpack(archive) == (FILES, ())
    (tmp_path / "named-anything").write_bytes(archive)
    assert unpack(tmp_path / "named-anything") == (FILES, ())


@pytest.mark.parametrize("archive", [tar_of(LONG), tar_of(LONG, tarfile.GNU_FORMAT), zip_of(LONG)])
def test_a_name_too_long_for_an_old_header_is_whole(archive: bytes) -> None:
    """Long names stand in headers of their own, and are read from there."""
    assert unpack(archive) == (LONG, ())


HOSTILE = [
    ("../../etc/passwd", "climbs out"),
    ("a/../../b.py", "climbs out"),
    ("a\\..\\..\\b.py", "climbs out"),
    ("/etc/passwd", "absolute"),
    ("\\\\server\\share\\x.py", "absolute"),
    ("C:\\Windows\\x.py", "drive"),
    ("c:x.py", "drive"),
    ("evil\x1b[31m\nname.py", "control characters"),
    ("yp.\u202etxt.py", "control characters"),
    ("a\x9bb.py", "control characters"),
    ("x" * 300, "longer than 255 characters"),
    ("é" * 200, "longer than 255 bytes"),
]


@pytest.mark.parametrize(("name", "reason"), HOSTILE)
@pytest.mark.parametrize("packed", [zip_of, tar_of])
def test_a_hostile_name_is_refused_and_the_rest_taken(name: str, reason: str, packed: object) -> None:
    """Each bad name is said with its reason, in a line that no terminal obeys."""
    assert callable(packed)
    files, refused = unpack(packed({name: b"bad", "app.py": APP}))
    assert files == {"app.py": APP}
    assert len(refused) == 1 and reason in refused[0] and refused[0].isprintable()


def test_a_name_with_a_nul_is_refused_not_cut(tmp_path: Path) -> None:
    """``app.py`` with a NUL and more behind it is not taken for ``app.py``."""
    raw = zip_of({"app.py_x.sh": b"bad", "ok.py": APP}).replace(b"app.py_x.sh", b"app.py\0x.sh")
    files, refused = unpack(raw)
    assert files == {"ok.py": APP} and "control characters" in refused[0]


def test_names_are_kept_in_one_spelling() -> None:
    """Backslashes, dots and decomposed accents become the one spelling that is compared."""
    files, refused = unpack(zip_of({"a\\b.py": b"1", "./c//d.py": b"2", unicodedata.normalize("NFD", "é.py"): b"3"}))
    assert files == {"a/b.py": b"1", "c/d.py": b"2", "é.py": b"3"} and not refused


def test_names_that_macos_writes_without_saying_so_are_read() -> None:
    """UTF-8 without the flag for it is no old code page."""
    raw = zip_of({"größe.py": APP})
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        flags = archive.infolist()[0].flag_bits
    assert flags & 0x800
    raw = raw.replace(flags.to_bytes(2, "little"), b"\0\0")
    assert unpack(raw)[0] == {"größe.py": APP}


def test_links_and_devices_are_refused() -> None:
    """Nothing but plain files comes out of an archive; what lies behind a link is still read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, kind in (("link.py", stat.S_IFLNK), ("pipe.py", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
        archive.writestr("app.py", APP)
    files, refused = unpack(buffer.getvalue())
    assert files == {"app.py": APP}
    assert [line.partition(":")[0] for line in refused] == ["link.py", "pipe.py"] and "a link" in refused[0]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for type_ in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo(f"bad{type_.decode()}.py")
            member.type, member.linkname = type_, "/etc/passwd"
            tar.addfile(member)
        tar.addfile(tarfile.TarInfo("app.py"))
    files, refused = unpack(buffer.getvalue())
    assert files == {"app.py": b""} and len(refused) == 5


def test_what_is_encrypted_or_oddly_packed_is_refused() -> None:
    """A password or a packing that could not be held to limits is said of the file that has it."""
    raw = bytearray(zip_of({"secret.py": APP}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    assert unpack(bytes(raw)) == ({}, ("secret.py: encrypted",))
    files, refused = unpack(zip_of({"a.py": APP}, zipfile.ZIP_BZIP2))
    assert not files and "ordinary zip" in refused[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_second_of_two_names_is_refused() -> None:
    """One name twice, one name for a file and a folder; capitals make two names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("app.py", "app.py", "App.py", "app.py/inner.py"):
            archive.writestr(name, name)
    files, refused = unpack(buffer.getvalue())
    assert sorted(files) == ["App.py", "app.py"]
    assert ["second file" in line or "a file and a folder" in line for line in refused] == [True, True]


def test_more_than_2000_files_are_cut_with_one_reason() -> None:
    """Of 5000 files 2000 are taken, the uppermost first, and one line says so."""
    many = {f"deep/{number}.txt": b"" for number in range(4999)} | {"app.py": APP}
    for archive in (zip_of(many, zipfile.ZIP_STORED), tar_of({"app.py": APP} | many)):
        files, refused = unpack(archive)
        assert len(files) == 2000 and "app.py" in files
        assert len(refused) == 1 and "more than 2000 files" in refused[0]


def zeros(size: int) -> bytes:
    """So many zeros as raw deflate, at no cost: one MB, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return one * (size >> 20) + packer.flush()


def bomb(size: int, claimed: int) -> bytes:
    """A zip whose one entry inflates to ``size`` and claims another size."""
    packed = zeros(size)
    raw = bytearray(zip_of({"boom.txt": packed, "zz/app.py": APP}, zipfile.ZIP_STORED))
    for signature, method, length in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = raw.index(signature)
        raw[at + method : at + method + 2] = (8).to_bytes(2, "little")
        raw[at + length : at + length + 4] = claimed.to_bytes(4, "little")
    return bytes(raw)


@pytest.mark.parametrize("claimed", [10, 5_000_000, 1 << 30])
def test_a_zip_bomb_costs_nothing(claimed: int) -> None:
    """1 GB of zeros is refused at 5 MB whatever it claims, and the file after it is read."""
    raw = bomb(1 << 30, claimed)
    begun = time.monotonic()
    files, refused = unpack(raw)
    assert time.monotonic() - begun < 2
    assert files == {"zz/app.py": APP} and len(refused) == 1 and refused[0].startswith("boom.txt: ")


def test_many_files_that_are_each_small_enough_are_too_much() -> None:
    """50 MB in all is the end, whoever they came from before."""
    files, refused = unpack(zip_of({f"{number}.bin": bytes(4_900_000) for number in range(14)}))
    assert sum(map(len, files.values())) <= 50 * 1024 * 1024 and len(files) == 10
    assert len(refused) == 1 and "more than 50 MB in all" in refused[0]


def test_a_tarball_that_inflates_without_end_is_cut() -> None:
    """A huge file is passed over, but only so far; a huge header is not read at all."""
    member = tarfile.TarInfo("boom.bin")
    member.size = 1 << 30
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(tar_of({"app.py": APP})[:1024] + member.tobuf()) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    files, refused = unpack(head + piece * 1024)
    assert files == {"app.py": APP}
    assert "larger than 5 MB" in refused[0] and "more than 200 MB" in refused[1] and len(refused) == 2
    for kind in (b"L", b"x"):
        member.type = kind
        assert "too long to be meant well" in unpack(member.tobuf(tarfile.GNU_FORMAT))[1][0]


def test_a_size_below_zero_is_damage() -> None:
    """A header that would send a reader backwards ends the tarball."""
    raw = bytearray(tar_of({"app.py": APP}))
    raw[124:136] = b"\xff" * 12
    raw[148:156] = b"%06o\0 " % (sum(raw[:148]) + 256 + sum(raw[156:512]))
    assert unpack(bytes(raw))[1] == ("archive: this archive cannot be read: damaged",)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (b"", "neither a zip nor a tarball"),
        (b"just text" * 100, "neither a zip nor a tarball"),
        (zip_of(FILES)[:-30], "a damaged zip"),
        (zip_of(FILES).replace(b"PK\x01\x02", b"PK\x01\x09"), "a damaged zip"),
        (gzip.compress(b"not a tarball" * 100, mtime=0), "no tarball"),
        (b"\x1f\x8bnonsense", "damaged or cut off"),
    ],
)
def test_a_broken_archive_is_one_reason(archive: bytes, reason: str) -> None:
    """No exception, no traceback: one line that says what is wrong."""
    files, refused = unpack(archive, name="work.zip")
    assert not files and len(refused) == 1
    assert refused[0].startswith("work.zip: ") and reason in refused[0]


def test_what_came_before_the_damage_is_kept() -> None:
    """A tarball that is cut off gives the files before the cut."""
    whole = gzip.compress(tar_of({"app.py": APP, "big.bin": random.Random(1).randbytes(50_000)}))
    files, refused = unpack(whole[:-20_000])
    assert files == {"app.py": APP} and len(refused) == 1 and "cut off" in refused[0]


def test_one_damaged_file_does_not_spoil_a_zip() -> None:
    """A file whose bytes do not have the sum that the zip says is refused alone."""
    raw = bytearray(zip_of({"bad.py": b"A" * 50, "app.py": APP}, zipfile.ZIP_STORED))
    raw[raw.index(b"A" * 50)] = ord("B")
    assert unpack(bytes(raw)) == ({"app.py": APP}, ("bad.py: it cannot be read: damaged or cut off",))


def test_nothing_that_is_thrown_at_it_makes_it_raise() -> None:
    """Hundreds of archives with random damage all end in files and reasons."""
    chance = random.Random(7)
    for archive in (zip_of(FILES), tar_of(FILES | LONG), gzip.compress(tar_of(FILES))):
        for _ in range(150):
            raw = bytearray(archive)
            for _ in range(chance.randint(1, 8)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            files, refused = unpack(bytes(raw[: chance.choice((None, len(raw) // 2))]))
            assert all(line.isprintable() for line in refused) and all(map(len, files))


def test_litter_is_left_out_silently_and_inner_archives_stay_closed() -> None:
    """What macOS, Python and git leave behind is no refusal; a zip in a zip is a file."""
    inner = zip_of({"x.py": b"x"})
    rubbish = {"__MACOSX/._app.py": b"", ".DS_Store": b"", "a/._b.py": b"", "__pycache__/a.pyc": b"", ".git/HEAD": b""}
    assert unpack(zip_of(rubbish | {"app.py": APP, "data.zip": inner})) == ({"app.py": APP, "data.zip": inner}, ())


def test_a_list_beyond_reason_is_not_read() -> None:
    """A zip with hundreds of thousands of entries is refused before its list is."""
    assert "more than 50000 entries" in unpack(b"PK\x01\x02" * 60_000)[1][0]


def test_headers_without_end_are_not_read() -> None:
    """A tarball of nothing but extended headers ends after 8 MB of them."""
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 65_520
    body = b"9 a=bcde\n" * (member.size // 9)
    one = member.tobuf() + body + bytes(16)
    begun = time.monotonic()
    assert "too long to be meant well" in unpack(gzip.compress(one * 150, 1, mtime=0))[1][0]
    assert time.monotonic() - begun < 10


def test_what_is_shown_is_escaped_and_cut() -> None:
    """Escapes, line ends and lone surrogates are written out; what is long is cut."""
    assert shown("a\x1b[2J\n\udc80é") == "a\\x1b[2J\\n\\udc80é"
    assert len(shown("x" * 500)) == 121


# Folders.


def test_folders_of_students_and_exercises(tmp_path: Path) -> None:
    """A folder for each student, in it one for each exercise; everything else is named."""
    laid(
        tmp_path,
        {
            "ada/hello/app.py": APP,
            "ada/notes-crud/app.py": b"2",
            "ada/notes-crud/lib/x.py": b"3",
            "bob/hello/app.py": b"4",
            "bob/helo/app.py": b"5",
            "bob/notes.txt": b"",
            "README.md": b"",
            "bob/hello/.DS_Store": b"",
        },
    )
    received, problems = taken(tmp_path)
    assert [(one.student, one.exercise, dict(one.files)) for one in received] == [
        (Student("ada", "ada"), "hello", {"app.py": APP}),
        (Student("ada", "ada"), "notes-crud", {"app.py": b"2", "lib/x.py": b"3"}),
        (Student("bob", "bob"), "hello", {"app.py": b"4"}),
    ]
    assert received[0].source == f"{tmp_path}/ada/hello" and received[0].submitted is None
    assert sorted(problem.where.removeprefix(f"{tmp_path}/") for problem in problems) == [
        "README.md",
        "bob/helo",
        "bob/notes.txt",
    ]
    assert any("no exercise 'helo'" in problem.what for problem in problems)
    only, _ = taken(tmp_path, exercise="notes-crud")
    assert ("ada", "notes-crud") in [(one.student.id, one.exercise) for one in only]


def test_folders_where_the_exercise_is_named(tmp_path: Path) -> None:
    """With an exercise the files lie in the student's folder directly, or are one archive in it."""
    laid(tmp_path, {"ada/app.py": APP, "ada/data.zip": b"PK", "bob/work.zip": zip_of({"work/app.py": b"2"})})
    received, problems = taken(tmp_path, exercise="hello")
    assert by_student(received) == {"ada": {"app.py": APP, "data.zip": b"PK"}, "bob": {"app.py": b"2"}}
    assert not problems and {one.exercise for one in received} == {"hello"}


def test_archives_of_students(tmp_path: Path) -> None:
    """A zip or tarball for each student, with folders of exercises; one folder around them is no matter."""
    laid(
        tmp_path,
        {
            "ada.zip": zip_of({"hello/app.py": APP, "notes-crud/app.py": b"2", "__MACOSX/x": b""}),
            "bob.tar.gz": gzip.compress(tar_of({"bob/hello/app.py": b"3", "bob/hello/../../x": b""})),
            "cy.zip": zip_of({"hello/app.py": b"4"}),
            "dan.zip": zip_of({"app.py": b"5"}),
            "eve.zip": b"no zip",
        },
    )
    received, problems = taken(tmp_path)
    assert [(one.student.id, one.exercise, dict(one.files)) for one in received] == [
        ("ada", "hello", {"app.py": APP}),
        ("ada", "notes-crud", {"app.py": b"2"}),
        ("bob", "hello", {"app.py": b"3"}),
        ("cy", "hello", {"app.py": b"4"}),
    ]
    assert received[2].refused == ("bob.tar.gz/bob/hello/../../x: its name climbs out of the folder",)
    assert [(problem.where.rpartition("/")[2], problem.what) for problem in problems] == [
        ("dan.zip", "these files belong to no exercise and are left out: app.py"),
        ("eve.zip", "eve.zip: this archive cannot be read: neither a zip nor a tarball"),
    ]


def test_archives_of_students_where_the_exercise_is_named(tmp_path: Path) -> None:
    """With an exercise the files lie at the top, or in one folder of any name; a broken archive is a Problem."""
    laid(
        tmp_path,
        {
            "ada.zip": zip_of({"app.py": APP}),
            "bob.zip": zip_of({"my work/app.py": b"2"}),
            "cy.zip": zip_of({"hello/app.py": b"3"}),
            "dan.zip": zip_of({"hello/app.py": b"4", "notes-crud/app.py": b"5"}),
            "eve.zip": b"no zip",
        },
    )
    received, problems = taken(tmp_path, exercise="hello")
    assert by_student(received) == {
        "ada": {"app.py": APP},
        "bob": {"app.py": b"2"},
        "cy": {"app.py": b"3"},
        "dan": {"app.py": b"4"},
        "eve": {},
    }
    assert "cannot be read" in received[-1].refused[0] and "cannot be read" in problems[0].what
    assert [problem.what for problem in problems[1:]] == ["1 for 'notes-crud' left out: only 'hello' was asked for"]


def test_a_folder_is_read_without_opening_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links are refused, a pipe is never waited for, and a file that cannot be read is named."""
    inside = laid(tmp_path, {"ada/hello/app.py": APP, "ada/hello/secret.py": b""}) / "ada" / "hello"
    (inside / "passwords.py").symlink_to("/etc/passwd")
    (inside / "home").symlink_to("/")
    os.mkfifo(inside / "pipe.py")
    (inside / "bad\x1b[31m\n.py").write_bytes(b"")
    (inside / os.fsdecode(b"caf\xe9.py")).write_bytes(b"")
    (tmp_path / "bob").symlink_to(tmp_path / "ada")
    opening = os.open

    def guarded(path: str, flags: int) -> int:
        if str(path).endswith("secret.py"):
            raise PermissionError(13, "Permission denied")
        return opening(path, flags)

    monkeypatch.setattr(os, "open", guarded)
    received, problems = taken(tmp_path)
    assert by_student(received) == {"ada": {"app.py": APP}}
    reasons = dict(line.split(": ", 1) for line in received[0].refused)
    assert "a link" in reasons["passwords.py"] and "a link" in reasons["home"]
    assert reasons["pipe.py"] == "a pipe is no file"
    assert reasons["secret.py"] == "it cannot be read: Permission denied"
    assert "control characters" in reasons["bad\\x1b[31m\\n.py"] and "caf\\udce9.py" in reasons
    assert [(one.where, "a link" in one.what) for one in problems] == [(f"{tmp_path}/bob", True)]


def test_handing_in_twice_is_said(tmp_path: Path) -> None:
    """Both come through; as nothing says which is newer, a person must."""
    laid(tmp_path, {"ada/hello/app.py": APP, "ada.zip": zip_of({"hello/app.py": b"2"})})
    received, problems = taken(tmp_path)
    assert [one.student.id for one in received] == ["ada", "ada"]
    assert len(problems) == 1 and "not known which is newer" in problems[0].what


# The roster.

ROSTER = """id,name,email,canvas,moodle,gradescope,nbgrader,git
s1,Jane Doe,jane@example.org,4512,,,jd,janes-repo
s2,Anna Maria van der Berg,anna@example.org,,Anna B.,900,,
s3,Li Wei,li@example.org,,,,,
s4,Wei Li,wei@example.org,,,,,
"""


@pytest.mark.parametrize(
    ("system", "names", "number", "ids"),
    [
        ("canvas", ("doejane",), "", ["s1"]),
        ("canvas", ("somebodyelse",), "4512", ["s1"]),
        ("canvas", ("vanderberganna maria",), "", ["s2"]),
        ("moodle", ("Jane  DOE",), "", ["s1"]),
        ("moodle", ("anna b.",), "", ["s2"]),
        ("moodle", ("Anna",), "4512", []),
        ("gradescope", ("900", "x@example.org", "X"), "", ["s2"]),
        ("gradescope", ("", "LI@example.org", "Li Wei"), "", ["s3"]),
        ("nbgrader", ("jd",), "", ["s1"]),
        ("nbgrader", ("s2",), "", ["s2"]),
        ("git", ("janes-repo",), "", ["s1"]),
        ("folders", ("Doe, Jane",), "", ["s1"]),
        ("folders", ("Li Wei",), "", ["s3"]),
        ("canvas", ("liwei",), "", ["s3", "s4"]),
        ("canvas", ("",), "", []),
    ],
)
def test_a_roster_knows_people_by_all_their_names(
    tmp_path: Path, system: str, names: tuple[str, ...], number: str, ids: list[str]
) -> None:
    """By the name in the system, id, e-mail and full name, in any order of its words, in that order."""
    roster, problems = roster_of(tmp_path / "roster.csv", ROSTER)
    assert not problems and len(roster.students) == 4
    assert [student.id for student in roster.find(system, *names, number=number)] == ids


def test_bad_rows_of_a_roster_are_named_and_the_rest_kept(tmp_path: Path) -> None:
    """Each by path and line: no id, an id twice, a comma too many, an open quote, what a terminal obeys."""
    text = (
        "id,name,email\ns1,One,a@x\n\n,Nobody,n@x\ns1,Again,b@x\ns2,Doe, Jane,c@x\n"
        's3,"Open,d@x\ns4,Two\x1b[31m,e@x\ns5,Short\n,,\ns6,Six,A@X\n'
    )
    roster, problems = roster_of(tmp_path / "r.csv", text)
    assert [student.id for student in roster.students] == ["s1", "s5", "s6"]
    path = tmp_path / "r.csv"
    assert [(one.where, one.what.split(";")[0]) for one in problems] == [
        (f"{path}:6", "this row has 4 cells under 3 columns"),
        (f"{path}:7", "a quote in this row is not closed, or a cell has no end"),
        (f"{path}:8", "this row holds control characters"),
        (f"{path}:4", "this row has no id"),
        (f"{path}:5", "there is a student 's1' already"),
        (f"{path}:11", "'A@X' in column email stands for 's1', too"),
    ]
    assert len(roster.find("moodle", "a@x")) == 2


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("id,name\ns1,Zoë\n".encode(), "Zoë", 0),
        ("id,name\ns1,Zoë\n".encode("utf-8-sig"), "Zoë", 0),
        ("ID;Name\r\ns1;Zoë\r\n".encode("utf-16"), "Zoë", 0),
        ("id\tname\rs1\tZoë\r".encode(), "Zoë", 0),
        ("id,name\ns1,Zoë\n".encode("latin-1"), "Zoë", 1),
    ],
)
def test_a_roster_is_read_as_it_was_saved(tmp_path: Path, content: bytes, name: str, said: int) -> None:
    """UTF-8, with a mark or without, what a spreadsheet exports, and Latin-1 with a word about it."""
    roster, problems = roster_of(tmp_path / "r.csv", content)
    assert roster.students == (Student("s1", name),) and len(problems) == said


@pytest.mark.parametrize("content", ["", "\n\n", "name,email\nJane,j@x\n"])
def test_a_roster_without_its_column_knows_nobody(tmp_path: Path, content: str) -> None:
    """It is still a roster: nobody is in it, rather than everybody."""
    roster, problems = roster_of(tmp_path / "r.csv", content)
    assert not roster.students and roster.given and len(problems) == 1
    assert problems[0].where == f"{tmp_path / 'r.csv'}:1"


def test_a_roster_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """A path that is none, a folder, a pipe: said at once, and nothing waits."""
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / "pipe.csv"):
        with pytest.raises(UsageError):
            Roster.read(path)


def test_a_stranger_is_received_and_said_once(tmp_path: Path) -> None:
    """Somebody who is not in the roster loses nothing, and is named once for all exercises."""
    laid(tmp_path / "in", {"Jane Doe/hello/app.py": APP, "x\x1by/hello/app.py": b"2", "x\x1by/notes-crud/app.py": b"3"})
    roster, _ = roster_of(tmp_path / "r.csv", ROSTER)
    received, problems = taken(tmp_path / "in", roster=roster)
    assert [one.student.id for one in received] == ["s1", "x\\x1by", "x\\x1by"]
    assert len(problems) == 1 and "is not in the roster" in problems[0].what


def test_who_may_be_two_is_neither(tmp_path: Path) -> None:
    """A name of two students is given to none of them, even where it is the id of a third."""
    roster, _ = roster_of(tmp_path / "r.csv", "id,name,nbgrader\na,A,x\nb,B,x\nx,X,\n")
    laid(tmp_path / "submitted", {"x/hello/app.py": APP})
    received, problems = taken(tmp_path / "submitted", roster=roster)
    assert [one.student.id for one in received] == ["x (nbgrader)"]
    assert "may be a or b" in problems[0].what


# nbgrader.


@pytest.mark.parametrize("whole", [True, False])
def test_an_nbgrader_course(tmp_path: Path, whole: bool) -> None:
    """The course or its folder ``submitted``: files, times in UTC, and what is no exercise by name."""
    stamp = b"2025-02-02 15:58:23.948203 UTC\n"
    laid(
        tmp_path,
        {
            "source/hello/app.py": b"the author's",
            "nbgrader_config.py": b"",
            "submitted/bitdiddle/hello/app.py": APP,
            "submitted/bitdiddle/hello/timestamp.txt": stamp,
            "submitted/hacker/hello/app.py": b"2",
            "submitted/hacker/hello/timestamp.txt": b"yesterday\x1b[0m",
            "submitted/hacker/ps9/problem.ipynb": b"{}",
        },
    )
    received, problems = taken(tmp_path if whole else tmp_path / "submitted")
    assert by_student(received) == {"bitdiddle": {"app.py": APP}, "hacker": {"app.py": b"2"}}
    assert [one.submitted for one in received] == [datetime(2025, 2, 2, 15, 58, 23, 948203, UTC), None]
    assert received[0].student.names == {"nbgrader": "bitdiddle"}
    assert ["no time that is known" in problems[0].what, "no exercise 'ps9'" in problems[1].what] == [True, True]
    assert problems[0].where.endswith("submitted/hacker/hello/timestamp.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-09-11 17:03:12.000000000 Z", datetime(2024, 9, 11, 17, 3, 12, tzinfo=UTC)),
        ("2024-09-11 17:03:12.123456789 -07:00", datetime(2024, 9, 12, 0, 3, 12, 123456, UTC)),
        ("2024-09-11T17:03+0200", datetime(2024, 9, 11, 15, 3, tzinfo=UTC)),
        ("2024-09-11 17:03:12", datetime(2024, 9, 11, 17, 3, 12, tzinfo=UTC)),
        ("2024-09-11 17:03:12 PDT", None),
        ("2024-13-41 17:03:12 UTC", None),
        ("0001-01-01 00:00:00 +23:59", None),
        ("", None),
    ],
)
def test_moments_are_in_utc(text: str, expected: datetime | None) -> None:
    """Zones are counted in, finer parts cut, and what is no time is none."""
    assert moment(text) == expected


# Canvas.

CANVAS = {
    "doejane_4512_991827_notes-2.zip": zip_of({"notes/app.py": APP, "notes/lib/x.py": b"x", "__MACOSX/a": b""}),
    "doejane_4512_991828_README.md": b"read me",
    "smithbob_LATE_4513_991900_app-1.py": b"2",
    "müllerzoë_4514_991901_app.py": b"3",
    "müllerzoë_4514_991950_app-1.py": b"4",
    "müllerzoë_4514_991902_step-1.py": b"5",
    "müllerzoë_4514_991903_step-2.py": b"6",
    "anon_aB3dE_991905_1_2_app.py": b"7",
    "LATE_anon_zZ9_991906_work.rar": b"Rar!",
    "typist_4515_text.html": b"<p>my answer</p>",
    "notes.txt": b"",
}


@pytest.mark.parametrize("packed", [True, False])
def test_what_canvas_hands_out(tmp_path: Path, packed: bool) -> None:
    """One submission for each student, uploads unpacked, Canvas's numbers gone, lateness kept."""
    source = tmp_path / "submissions.zip"
    if packed:
        source.write_bytes(zip_of(CANVAS))
    else:
        source = laid(tmp_path / "submissions" / "inner", CANVAS).parent
    received, problems = taken(source, exercise="hello")
    found = {one.student.id: one for one in received}
    assert by_student(received) == {
        "doejane": {"app.py": APP, "lib/x.py": b"x", "README.md": b"read me"},
        "smithbob": {"app.py": b"2"},
        "müllerzoë": {"app.py": b"4", "step-1.py": b"5", "step-2.py": b"6"},
        "anon_aB3dE": {"1_2_app.py": b"7"},
        "anon_zZ9": {},
    }
    assert {name: (one.attempt, one.late) for name, one in found.items()} == {
        "doejane": (3, None),
        "smithbob": (2, UNKNOWN_DELAY),
        "müllerzoë": (2, None),
        "anon_aB3dE": (None, None),
        "anon_zZ9": (None, UNKNOWN_DELAY),
    }
    assert found["müllerzoë"].refused == ("app.py: a newer file of this name was handed in",)
    assert "ask for a zip" in found["anon_zZ9"].refused[0]
    said = {one.where.rpartition("/")[2]: one.what for one in problems}
    assert "text typed" in said["typist_4515_text.html"] and "not named as Canvas" in said["notes.txt"]
    assert any("2 of these late" in what for what in said.values())


def test_canvas_numbers_tell_people_of_one_name_apart(tmp_path: Path) -> None:
    """Two students called the same are two students; the roster knows one of them by number."""
    laid(tmp_path / "in", {"doejane_4512_1_app.py": APP, "doejane_4599_2_app.py": b"2"})
    roster, _ = roster_of(tmp_path / "r.csv", ROSTER)
    received, problems = taken(tmp_path / "in", exercise="hello", roster=roster)
    assert by_student(received) == {"s1": {"app.py": APP}, "doejane 4599": {"app.py": b"2"}}
    assert len(problems) == 1 and "several people" in problems[0].what


def test_a_bomb_inside_of_what_canvas_hands_out(tmp_path: Path) -> None:
    """The one who sent it gets the reason, everybody else their submission."""
    source = tmp_path / "submissions.zip"
    source.write_bytes(
        zip_of(
            {
                "evil_1_1_work.zip": bomb(1 << 28, 10),
                "worse_3_3_work.zip": zip_of({"../../etc/passwd": b"", "/x": b"", "e\x1b[1m\n": b""}),
                "good_2_2_app.py": APP,
                "../../climbing_4_4_app.py": b"",
            }
        )
    )
    received, problems = taken(source, exercise="hello")
    assert by_student(received) == {"good": {"app.py": APP}, "evil": {"zz/app.py": APP}, "worse": {}}
    refused = {one.student.id: one.refused for one in received}
    assert refused["evil"][0].startswith("work.zip/boom.txt: ") and len(refused["worse"]) == 3
    assert sorted(one.what for one in problems) == [
        "nothing of this could be taken",
        "this name belongs to no folder of the source; it is left out",
    ]


# Moodle.

MOODLE = {
    "Jane Doe_1234567_assignsubmission_file_/app.py": APP,
    "Jane Doe_1234567_assignsubmission_file_/lib/x.py": b"x",
    "Jane Doe_1234567_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
    "Anna Schmidt_1234568_assignsubmission_file_/arbeit.zip": zip_of({"arbeit/app.py": b"2"}),
    "Anna Schmidt_1234570_assignsubmission_file_/app.py": b"3",
    "Li Wei_1234571_assignsubmission_file_app.py": b"4",
    "Li Wei_1234571_assignsubmission_file_extra.py": b"5",
    "Zoë Müller-Lüdenscheidt_1234572_assignsubmission_file_/größe.py": b"6",
    "Default group_assignsubmission_file_/app.py": b"7",
    "grades.csv": b"",
}


@pytest.mark.parametrize("packed", [True, False])
def test_what_moodle_hands_out(tmp_path: Path, packed: bool) -> None:
    """Folders and flat files, uploads unpacked, people of one name told apart, typed text named."""
    source = tmp_path / "course-hello-99.zip"
    if packed:
        source.write_bytes(zip_of(MOODLE))
    else:
        source = laid(tmp_path / "moodle", MOODLE)
    received, problems = taken(source, exercise="hello")
    assert by_student(received) == {
        "Jane Doe": {"app.py": APP, "lib/x.py": b"x"},
        "Anna Schmidt 1234568": {"app.py": b"2"},
        "Anna Schmidt 1234570": {"app.py": b"3"},
        "Li Wei": {"app.py": b"4", "extra.py": b"5"},
        "Zoë Müller-Lüdenscheidt": {"größe.py": b"6"},
        "Default group": {"app.py": b"7"},
    }
    said = [one.what for one in problems]
    assert sum("several people are called" in what for what in said) == 2
    assert sum("this is onlinetext" in what for what in said) == 1
    assert sum("not named as Moodle" in what for what in said) == 1 and len(said) == 4


# Gradescope.

METADATA = """---
submission_101:
  :submitters:
  - :name: Jane Doe
    :sid: '900'
    :email: jane@example.org
  :created_at: 2024-09-11 17:03:12.000000000 Z
  :score: 2.0
  :results:
    output: |-
      submission_666:
        :submitters:
        - :name: 'Forged
      :created_at: 1999-01-01 00:00:00 Z
    tests:
    - name: Check
      output: 'Don''t worry, it
        goes on.

'
  :history:
  - :id: 55
    :submitters:
    - :name: Somebody Else
    :created_at: 2024-09-10 10:00:00.000000000 Z
  - :id: 56
    :created_at: 2024-09-10 11:00:00.000000000 Z
submission_102:
  :submitters:
  - :name: 'O''Neil, Pat: the second'
    :sid: "12\\u0033"
    :email:
  - :name: A Very Long Name That Is Written On
      Two Lines
    :sid: 124
    :email: null
  :created_at: 2024-09-12 08:00:00.500000000 +02:00
submission_103:
  :submitters: []
submission_104.pdf:
  :submitters:
  - :name: Paper
    :sid: '125'
submission_105:
  :submitters:
  - :name: Gone
    :sid: '126'
"""
SCOPE = {
    "submission_101/app.py": APP,
    "submission_101/lib/x.py": b"x",
    "submission_102/app.py": b"2",
    "submission_103/app.py": b"3",
    "submission_104.pdf": b"%PDF",
    "submission_999/app.py": b"9",
}


@pytest.mark.parametrize("packed", [True, False])
def test_what_gradescope_hands_out(tmp_path: Path, packed: bool) -> None:
    """Each submission for everybody who made it, at the time that Gradescope says; nothing printed is believed."""
    files = {f"assignment_8_export/{name}": content for name, content in SCOPE.items()}
    files["assignment_8_export/submission_metadata.yml"] = METADATA.encode()
    source = tmp_path / "export.zip"
    if packed:
        source.write_bytes(zip_of(files))
    else:
        source = laid(tmp_path / "export", files)
    received, problems = taken(source, exercise="hello")
    assert by_student(received) == {
        "900": {"app.py": APP, "lib/x.py": b"x"},
        "123": {"app.py": b"2"},
        "124": {"app.py": b"2"},
        "submission_103": {"app.py": b"3"},
        "125": {"submission_104.pdf": b"%PDF"},
        "submission_999": {"app.py": b"9"},
    }
    assert received[0].student == Student("900", "Jane Doe", "jane@example.org", {"gradescope": "900"})
    assert [one.student.name for one in received[1:3]] == [
        "O'Neil, Pat: the second",
        "A Very Long Name That Is Written On Two Lines",
    ]
    assert [one.submitted for one in received[:2]] == [
        datetime(2024, 9, 11, 17, 3, 12, tzinfo=UTC),
        datetime(2024, 9, 12, 6, 0, 0, 500000, UTC),
    ]
    assert [one.attempt for one in received[:2]] == [3, 1]
    said = {one.where.rpartition("/")[2]: one.what for one in problems}
    assert said.keys() == {"submission_metadata.yml:38", "submission_999", "submission_105"}


def test_gradescope_metadata_that_is_cut_off(tmp_path: Path) -> None:
    """A number that is cut is not believed; the submissions whose owners are lost come under their own names."""
    cut = METADATA[: METADATA.index("sid: 124") + len("sid: 12")]
    handed, wrong = parse(cut)
    assert [[person.get("sid") for person in one.people] for one in handed] == [["900"], ["123", None]]
    assert any("cut off" in what for _, what in wrong)
    source = laid(tmp_path, SCOPE | {"submission_metadata.yml": METADATA[:60].encode()})
    received, problems = taken(source, exercise="hello")
    assert {one.student.id for one in received} == {
        "Jane Doe",
        "submission_102",
        "submission_103",
        "submission_104.pdf",
        "submission_999",
    }
    assert any("cut off" in one.what and one.where.endswith(".yml:5") for one in problems)


@pytest.mark.parametrize(
    "text", ["", "---\n", "{}\n", "submission_1: [1, 2]\n", "\x00\x1b\n", "- a\n- b\n", "a:\n b\n"]
)
def test_gradescope_metadata_that_is_none(tmp_path: Path, text: str) -> None:
    """Whatever stands there, the files come through, under the names of their folders."""
    laid(tmp_path, {"submission_1/app.py": APP, "submission_metadata.yml": text.encode()})
    received, problems = taken(tmp_path, exercise="hello")
    assert by_student(received) == {"submission_1": {"app.py": APP}} and problems


def test_values_that_are_not_simple_are_said() -> None:
    """An alias or a block where a name should be is named by its line, and the rest is read."""
    text = "submission_1:\n  :submitters:\n  - :name: *1\n    :sid: &2 '7'\n    :email: !binary |-\n      abc=\n"
    handed, wrong = parse(text)
    assert handed[0].people == [{"sid": "7"}]
    assert wrong == [(3, "the name of somebody cannot be read"), (5, "the email of somebody cannot be read")]


def test_one_student_twice_on_gradescope(tmp_path: Path) -> None:
    """Two submissions of one student with their times are both received, and that is no problem."""
    text = "".join(
        f"submission_{n}:\n  :submitters:\n  - :sid: '7'\n  :created_at: 2024-09-1{n} 10:00:00 Z\n" for n in (1, 2)
    )
    laid(tmp_path, {"submission_metadata.yml": text.encode(), "submission_1/a.py": b"1", "submission_2/a.py": b"2"})
    received, problems = taken(tmp_path, exercise="hello")
    assert [dict(one.files) for one in received] == [{"a.py": b"1"}, {"a.py": b"2"}] and not problems


# Git.


def git(folder: Path, *words: str) -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_COMMITTER_DATE": "2025-03-01T12:00:00+0100",
        "GIT_AUTHOR_DATE": "2025-03-01T12:00:00+0100",
    }
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", *who, *words], cwd=folder, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with two commits, a branch, a link, and attributes that would hide files from an export."""
    folder = laid(
        tmp_path / "repo",
        {
            "app.py": APP,
            "hello/app.py": b"2",
            "notes-crud/app.py": b"3",
            ".gitattributes": b"*.py export-ignore ident\n",
        },
    )
    (folder / "passwords.py").symlink_to("/etc/passwd")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    git(folder, "branch", "early")
    (folder / "later.py").write_bytes(b"4")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "two")
    return folder


def test_repositories_are_fetched_at_their_ref(tmp_path: Path, repo: Path) -> None:
    """A branch, a commit or HEAD; with the time of the commit; links refused, nothing checked out."""
    first = git(repo, "rev-parse", "early")
    table = tmp_path / "repos.csv"
    table.write_text(
        f"student,url,ref,exercise\nada,{repo},,hello\nbob,file://{repo},early,hello\ncy,{repo},{first},notes-crud\n"
    )
    received, problems = taken(table)
    assert not problems
    assert [(one.student.id, one.exercise, "later.py" in one.files) for one in received] == [
        ("ada", "hello", True),
        ("bob", "hello", False),
        ("cy", "notes-crud", False),
    ]
    assert received[0].files["app.py"] == APP and received[0].files["hello/app.py"] == b"2"
    assert {one.submitted for one in received} == {datetime(2025, 3, 1, 11, 0, tzinfo=UTC)}
    assert received[0].refused == ("passwords.py: a link is not taken; hand in the file itself",)
    assert received[1].source == f"file://{repo} at {first[:10]}"
    only, _ = taken(table, exercise="notes-crud")
    assert [one.student.id for one in only] == ["cy"]


def test_a_repository_of_all_exercises(tmp_path: Path, repo: Path) -> None:
    """Where nothing says for which exercise it is, its folders do."""
    table = tmp_path / "repos.csv"
    table.write_text(f"student,url\nada,{repo}\n")
    received, problems = taken(table)
    assert [(one.exercise, dict(one.files)) for one in received] == [
        ("hello", {"app.py": b"2"}),
        ("notes-crud", {"app.py": b"3"}),
    ]
    assert not problems


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch pwned'",
        "--upload-pack=touch pwned",
        "-x",
        "http://example.org/x.git",
        "git://example.org/x.git",
        "ssh://-oProxyCommand=touch/x",
        "ssh://git@-oProxyCommand=touch/x",
        "a@ext::sh -c id",
        "fd::17",
        "../elsewhere",
        "https://exa mple.org/x",
        "",
    ],
)
def test_an_address_that_could_run_something_is_refused(tmp_path: Path, url: str) -> None:
    """What is not https, ssh or an absolute path never reaches git, and its line is named."""
    table = tmp_path / "repos.csv"
    table.write_text(f'student,url\nada,"{url}"\n')
    received, problems = taken(table, exercise="hello")
    assert not received and [one.where for one in problems] == [f"{table}:2"]


@pytest.mark.parametrize("ref", ["-x", "--upload-pack=x", "a:b", "+main", "a..b", "^main", "a b", "main@{1}"])
def test_a_ref_that_is_more_than_a_name_is_refused(ref: str) -> None:
    """Nothing but names of branches, tags and commits reaches git."""
    assert "no name of a branch" in repository.refused("/srv/x", ref)


def test_addresses_of_each_allowed_kind_pass() -> None:
    """What people really write is let through, and secrets in it are not shown."""
    for url in ("https://u:t0ken@example.org/x.git", "ssh://git@example.org:22/x", "git@example.org:a/b.git", "/a b/c"):
        assert not repository.refused(url, "feature/x-1")
    assert repository.public("https://u:t0ken@example.org/x.git") == "https://example.org/x.git"


def test_repositories_that_do_not_come_are_problems(tmp_path: Path, repo: Path) -> None:
    """None there, no such branch, an unknown exercise, no student: each by its line, and the rest is read."""
    table = tmp_path / "repos.csv"
    table.write_text(
        f"student,url,ref,exercise\nada,{tmp_path}/none,,hello\nbob,{repo},nowhere,hello\ncy,{repo},,helo\n"
        f",{repo},,hello\ndan,{repo},,hello\n"
    )
    received, problems = taken(table)
    assert [one.student.id for one in received] == ["dan"]
    assert [one.where for one in problems] == [f"{table}:{line}" for line in (2, 3, 4, 5)]
    assert "does not appear to be a git repository" in problems[0].what and "remote ref nowhere" in problems[1].what


def test_a_repository_without_end_is_stopped(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large or too slow is said, and ends it."""
    table = tmp_path / "repos.csv"
    table.write_text(f"student,url,exercise\nada,{repo},hello\n")
    monkeypatch.setattr(repository, "_SECONDS", 0.0)
    received, problems = taken(table)
    assert not received and "longer than 0 seconds" in problems[0].what
    monkeypatch.setattr(repository, "_SECONDS", 60.0)
    monkeypatch.setattr(repository, "_MOST_BYTES", 0)
    received, problems = taken(table)
    assert not received and "larger than 0 MB" in problems[0].what


def test_a_tree_of_trees_is_read_up_to_a_limit(tmp_path: Path, repo: Path) -> None:
    """Ten folders in each of ten folders, ten deep, are a few kB and ten thousand million files."""
    blob = git(repo, "rev-parse", "main:app.py")
    kind, digest = "100644 blob", blob
    for _ in range(10):
        listing = "".join(f"{kind} {digest}\tf{number}\n" for number in range(10))
        done = subprocess.run(["git", "mktree"], cwd=repo, input=listing, capture_output=True, text=True, check=True)
        kind, digest = "040000 tree", done.stdout.strip()
    git(repo, "branch", "bomb", git(repo, "commit-tree", "-m", "boom", digest))
    table = tmp_path / "repos.csv"
    table.write_text(f"student,url,ref,exercise\nada,{repo},bomb,hello\n")
    received, problems = taken(table)
    assert len(received[0].files) == 2000 and not problems
    assert "more than 2000 files" in received[0].refused[-1]


def test_nothing_is_left_behind_by_who_stops_early(tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes only the first submission leaves no folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    table = tmp_path / "repos.csv"
    table.write_text(f"student,url\nada,{repo}\n")
    found = read(table, exercises=EXERCISES, roster=Roster())
    assert isinstance(next(found), Received) and list((tmp_path / "tmp").iterdir())
    del found
    assert not list((tmp_path / "tmp").iterdir())


# What all of them share.


def test_what_cannot_be_meant_is_said_at_once(tmp_path: Path) -> None:
    """A kind, an exercise or a source that there is not, and an exercise that must be named: before anything is read."""
    (tmp_path / "submissions.zip").write_bytes(zip_of(CANVAS))
    (tmp_path / "photos.zip").write_bytes(zip_of({"a/b.jpg": b""}))
    everything = {"exercises": EXERCISES, "roster": Roster()}
    with pytest.raises(UsageError, match="no kind"):
        read(tmp_path, kind="blackboard", **everything)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no exercise 'helo'"):
        read(tmp_path, exercise="helo", **everything)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not there"):
        read(tmp_path / "none", **everything)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="which exercise"):
        read(tmp_path / "submissions.zip", **everything)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="looks like nothing"):
        read(tmp_path / "photos.zip", **everything)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="CSV"):
        read(tmp_path, kind="git", **everything)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["auto", "canvas"])
def test_a_source_that_is_broken_or_empty_is_a_problem(tmp_path: Path, kind: str) -> None:
    """A download that was cut off is one Problem; so is nothing at all."""
    broken = tmp_path / "submissions.zip"
    broken.write_bytes(zip_of(CANVAS)[:-40])
    (tmp_path / "empty").mkdir()
    for source in (broken, tmp_path / "empty"):
        received, problems = taken(source, kind=kind, exercise="hello")
        assert not received and len(problems) == 1 and problems[0].where == str(source)
