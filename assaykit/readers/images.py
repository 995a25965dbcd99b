"""From the names of pictures to wells, by a pattern that the person declares.

A pattern is a file's name with placeholders, such as ``pictures/{well}_{field}.tif``:

============  ====================================================================
``{well}``    a well: A1, A01, a1, A-1, A_01
``{row}``     the row's letter, where row and column stand apart
``{column}``  the column's number
``{field}``   number or name of the picture within its well, without ``/``
``{ext}``     tif, tiff, png, jpg or jpeg
``{any}``     anything, also nothing, without ``/``; ``*`` is the same
============  ====================================================================

All else stands for itself; upper and lower case are the same. Right after ``*`` or ``{any}`` a
well begins only where no letter stands before it, and a well always ends before the next
character that is no digit: ``*_{well}*`` finds B12, not B1, in ``plate1_B12x.tif``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assaykit.errors import InputError, Problem
from assaykit.plate import PlateFormat, canonical_well, parse_well
from assaykit.values import suggestion

if TYPE_CHECKING:
    import pandas as pd

PICTURE_COLUMNS = ("well", "field", "path", "file")
_PLACEHOLDERS: dict[str, str] = {
    "well": r"(?P<well>[a-z]{1,2}[-_ ]?0*[1-9]\d?)(?!\d)",
    "row": r"(?P<row>[a-z]{1,2})",
    "column": r"(?P<column>0*[1-9]\d?)(?!\d)",
    "field": r"(?P<field>[^/]+?)",
    "ext": r"(?:tiff?|png|jpe?g)",
    "any": r"[^/]*",
}
_PIECE = re.compile(r"\{(\w*)\}|(\*)|([{}])|([^{}*]+)")
_NO_LETTER_BEFORE = "(?<![a-z])"
_SYSTEM_FILES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "$recycle.bin"}
)
_GUESSES = (
    "{well}.{ext}", "{well}_{field}.{ext}", "{well}-{field}.{ext}", "{well} {field}.{ext}",
    "*_{well}.{ext}", "*_{well}_{field}.{ext}", "{well}*.{ext}", "*_{well}_*.{ext}",
    "*{well}*.{ext}",
)  # fmt: skip
_EXAMPLE = "{well}_{field}.tif"
_SHOWN = 5


@dataclass(frozen=True)
class LeftOver:
    """A file that is no picture of a well, and why.

    Examples
    --------
    >>> LeftOver("notes.txt", "it does not fit the pattern").file
    'notes.txt'
    """

    file: str
    reason: str


@dataclass(frozen=True)
class PictureMatch:
    """Which picture shows which well.

    Parameters
    ----------
    pattern
        The pattern as it was declared.
    pictures
        One row per picture, in the order of the plate: well (``A1``), field (text; empty where
        the pattern has none), path, and file (its name below the folder, NFC).
    left_over
        Files that are no picture of a well, in natural order.
    """

    pattern: str
    pictures: pd.DataFrame
    left_over: tuple[LeftOver, ...]


@dataclass(frozen=True)
class Preview:
    """What a person should see before anything is computed: a line per well, and warnings."""

    text: str
    problems: tuple[Problem, ...]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers within names as numbers.

    Examples
    --------
    >>> sorted(["image10.tif", "Image2.tif"], key=natural_key)
    ['Image2.tif', 'image10.tif']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", unicodedata.normalize("NFKC", name).casefold())
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts)


def match_pictures(folder: str | Path, pattern: str, plate: PlateFormat) -> PictureMatch:
    """Find the pictures of a plate's wells in a folder.

    Only files as deep below the folder as the pattern says are looked at, and only in folders
    that fit it.

    Parameters
    ----------
    folder
        Where the pattern starts.
    pattern
        As at the top of this module.
    plate
        The plate's format; a well that it lacks is left over.

    Raises
    ------
    InputError
        The pattern is not understood or leads out of the folder; nothing fits it; two files
        show the same field of the same well; the folder is not there.

    Examples
    --------
    >>> import tempfile
    >>> from assaykit.plate import plate_format
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "A01_2.jpg").write_bytes(b"")
    ...     match = match_pictures(folder, "{well}_{field}.jpg", plate_format(96))
    >>> match.pictures[["well", "field", "file"]].values.tolist()
    [['A1', '2', 'A01_2.jpg']]
    """
    folder = Path(folder)
    parts = [re.compile(part, re.IGNORECASE) for part in _expressions(pattern)]
    if not folder.is_dir():
        message = f"there is no folder '{folder.name}'"
        problem = Problem("no_folder", message, remedy="Put the pictures into it, or correct it.")
        raise InputError([problem])
    names = list(_files(folder, "", parts))
    match = match_names(names, pattern, plate)
    paths = [folder / name for name in match.pictures["path"]]
    return PictureMatch(pattern, match.pictures.assign(path=paths), match.left_over)


def match_names(names: Iterable[str], pattern: str, plate: PlateFormat) -> PictureMatch:
    """Tell from names of files which wells they show.

    Parameters
    ----------
    names
        Names below a folder, with ``/``; hidden files and those of the system are passed over.
    pattern
        As at the top of this module.
    plate
        The plate's format.

    Returns
    -------
    PictureMatch
        Its ``path`` is the name as it was given.

    Raises
    ------
    InputError
        The pattern is not understood; nothing fits it; two files show the same field of the
        same well.

    Examples
    --------
    >>> from assaykit.plate import plate_format
    >>> names = ["x_B10_f1.png", "x_B2_f1.png", "Thumbs.db", "notes.txt"]
    >>> match = match_names(names, "*_{well}_f{field}.png", plate_format(96))
    >>> list(match.pictures["well"]), [left.file for left in match.left_over]
    (['B2', 'B10'], ['notes.txt'])
    """
    import pandas as pd

    expression = re.compile("/".join(_expressions(pattern)), re.IGNORECASE)
    rows: list[tuple[str, str, str, str]] = []
    left_over: list[LeftOver] = []
    for name in sorted((n for n in names if not is_hidden(n)), key=natural_key):
        file = unicodedata.normalize("NFC", name)
        found = expression.fullmatch(unicodedata.normalize("NFKC", name))
        well = _well(found) if found else ""
        if not found:
            left_over.append(LeftOver(file, "it does not fit the pattern"))
        elif well not in plate:
            left_over.append(LeftOver(file, f"a plate of {plate.wells} wells has no {well}"))
        else:
            rows.append((well, _field(found), name, file))
    if not rows:
        raise InputError([_nothing_found(pattern, [left.file for left in left_over], plate)])
    _refuse_duplicates(rows, pattern)
    rows.sort(key=lambda row: (parse_well(row[0]), natural_key(row[1])))
    pictures = pd.DataFrame(rows, columns=list(PICTURE_COLUMNS))
    return PictureMatch(pattern, pictures, tuple(left_over))


def is_hidden(name: str) -> bool:
    """Whether a file is hidden or the system's own: Thumbs.db, .DS_Store, ``._x``, desktop.ini.

    Examples
    --------
    >>> is_hidden("pictures/._A1.jpg"), is_hidden("pictures/A1.jpg")
    (True, False)
    """
    return any(
        part.startswith((".", "~$")) or part.casefold() in _SYSTEM_FILES for part in name.split("/")
    )


def preview(match: PictureMatch, wells: Iterable[str]) -> Preview:
    """Compare the pictures with the wells of the map.

    Parameters
    ----------
    match
        What was found.
    wells
        The wells of the map, of which pictures are expected.

    Returns
    -------
    Preview
        One line per well, and a warning each for wells without a picture, pictures of wells
        that the map lacks, and files that are left over.

    Examples
    --------
    >>> from assaykit.plate import plate_format
    >>> match = match_names(["A1_1.jpg", "A1_2.jpg"], "{well}_{field}.jpg", plate_format(6))
    >>> shown = preview(match, ["A1", "A2"])
    >>> print(shown.text)
    A1: A1_1.jpg, A1_2.jpg
    A2: no picture
    >>> print(shown.problems[0])
    1 well of the map has no picture: A2. Add the pictures, or leave out the wells in the map.
    """
    files: dict[str, list[str]] = {}
    for well, file in zip(match.pictures["well"], match.pictures["file"], strict=True):
        files.setdefault(well, []).append(file)
    mapped = [canonical_well(well) for well in wells]
    every = sorted({*mapped, *files}, key=parse_well)
    lines = [f"{well}: {', '.join(files.get(well, ['no picture']))}" for well in every]
    missing = [well for well in every if well not in files]
    strange = [well for well in every if well not in set(mapped)]
    problems = [
        _warning("well_without_picture", missing, ("well", "of the map has no picture"),
                 ("wells", "of the map have no picture"),
                 "Add the pictures, or leave out the wells in the map."),
        _warning("picture_without_well", strange, ("well", "has a picture but is not in the map"),
                 ("wells", "have pictures but are not in the map"),
                 "Add the wells to the map, or check the pattern."),
        _warning("file_left_over", [f"{left.file} ({left.reason})" for left in match.left_over],
                 ("file", "is left over"), ("files", "are left over"),
                 f"Check the pattern '{match.pattern}', or move them elsewhere."),
    ]  # fmt: skip
    return Preview("\n".join(lines), tuple(problem for problem in problems if problem))


def _warning(
    code: str, items: list[str], one: tuple[str, str], many: tuple[str, str], remedy: str
) -> Problem | None:
    if not items:
        return None
    what, of_them = one if len(items) == 1 else many
    message = f"{len(items)} {what} {of_them}: {', '.join(items)}"
    return Problem(code, message, remedy=remedy, severity="warning")


def _expressions(pattern: str) -> list[str]:
    """The pattern as regular expressions, one for each folder and one for the file."""
    text = unicodedata.normalize("NFKC", pattern).strip().replace("\\", "/")
    text = text.removeprefix("./")
    parts = text.split("/")
    if text.startswith("/") or ".." in parts or re.match(r"[a-zA-Z]:", text):
        raise _bad_pattern(
            "pattern_outside", pattern, "leads out of the folder",
            "Write it from the folder of the template on, such as 'pictures/{well}.tif'.",
        )  # fmt: skip
    names: list[str] = []
    expressions = [_expression(part, pattern, names) for part in parts]
    _check_placeholders(names, pattern)
    return expressions


def _expression(part: str, pattern: str, names: list[str]) -> str:
    """One name between slashes as a regular expression; its placeholders go into ``names``."""
    found: list[str] = []
    open_before = False
    for name, star, brace, literal in _PIECE.findall(part):
        if brace:
            raise _bad_pattern("pattern_braces", pattern, f"has a lone '{brace}'",
                               "Write placeholders such as {well}.")  # fmt: skip
        if literal:
            found.append(re.escape(literal))
        elif star:
            found.append(_PLACEHOLDERS["any"])
        elif name.lower() not in _PLACEHOLDERS:
            choices = ", ".join(f"{{{known}}}" for known in _PLACEHOLDERS)
            near = suggestion(name, _PLACEHOLDERS)
            raise _bad_pattern("pattern_placeholder", pattern, f"has the unknown '{{{name}}}'",
                               f"{near} Known are {choices}.")  # fmt: skip
        else:
            begins = name.lower() in ("well", "row") and open_before
            found.append(_NO_LETTER_BEFORE * begins + _PLACEHOLDERS[name.lower()])
            names.append(name.lower())
        open_before = bool(star) or name.lower() in ("any", "field")
    return "".join(found)


def _check_placeholders(names: list[str], pattern: str) -> None:
    """Raise unless the pattern says once and in one way where the well stands."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1 and name != "any"]
    if twice:
        raise _bad_pattern("pattern_twice", pattern, f"has '{{{twice[0]}}}' twice",
                           "Keep one, and write * for the other.")  # fmt: skip
    apart = {"row", "column"} & set(names)
    if "well" in names and not apart:
        return
    if len(apart) == 2 and "well" not in names:
        return
    what = "has both {well} and {row} or {column}" if "well" in names else "does not say the well"
    if len(apart) == 1 and "well" not in names:
        what = "has only one of {row} and {column}"
    raise _bad_pattern("pattern_without_well", pattern, what,
                       f"Put {{well}} where the well stands, such as '{_EXAMPLE}'.")  # fmt: skip


def _bad_pattern(code: str, pattern: str, what: str, remedy: str) -> InputError:
    return InputError([Problem(code, f"the pattern '{pattern}' {what}", remedy=remedy.strip())])


def _files(folder: Path, below: str, parts: list[re.Pattern[str]]) -> Iterator[str]:
    """Names of the files at the depth of the pattern, in the folders that fit it."""
    for path in folder.iterdir():
        name = f"{below}{path.name}"
        if len(parts) == 1:
            if path.is_file():
                yield name
            continue
        fits = parts[0].fullmatch(unicodedata.normalize("NFKC", path.name))
        if fits and path.is_dir() and not is_hidden(path.name):
            yield from _files(path, f"{name}/", parts[1:])


def _well(found: re.Match[str]) -> str:
    named = found.groupdict()
    text = named.get("well") or f"{named.get('row')}{named.get('column')}"
    return canonical_well(re.sub(r"[-_ ]", "", text))


def _field(found: re.Match[str]) -> str:
    """The field; a number loses its leading zeros."""
    text = unicodedata.normalize("NFC", found.groupdict().get("field") or "").strip()
    return str(int(text)) if text.isdecimal() else text


def _refuse_duplicates(rows: list[tuple[str, str, str, str]], pattern: str) -> None:
    seen: dict[tuple[str, str], list[str]] = {}
    for well, field, _, file in rows:
        seen.setdefault((well, field.casefold()), []).append(file)
    remedy = "Remove or rename all but one."
    if "{field}" not in pattern.lower():
        remedy = "If they are several pictures of the well, put {field} where their names differ."
    problems = [
        Problem(
            "two_pictures", f"{' and '.join(files)} are the same picture of it"
            + (f" (field {field})" if field else ""), well=well, remedy=remedy,
        )
        for (well, field), files in seen.items() if len(files) > 1
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _nothing_found(pattern: str, files: list[str], plate: PlateFormat) -> Problem:
    """The problem that no file fits, with what was seen and the pattern that would fit most."""
    if not files:
        message = f"there is no file where the pattern '{pattern}' looks"
        return Problem("no_pictures", message, remedy="Check the folder and the pattern.")
    seen = ", ".join(files[:_SHOWN]) + (", …" if len(files) > _SHOWN else "")
    message = f"no file fits the pattern '{pattern}'; seen were {seen}"
    folder = pattern.replace("\\", "/").rpartition("/")[0]
    guesses = [f"{folder}/{guess}" if folder else guess for guess in _GUESSES]
    fits = {guess: _fitting(files, guess, plate) for guess in guesses if _is_valid(guess)}
    best = max(fits, key=lambda guess: fits[guess], default="")
    if not best or not fits[best]:
        return Problem("no_pictures", message, remedy="Write {well} where the well stands.")
    remedy = f"Did you mean '{best}' ({fits[best]} of {len(files)} files fit)?"
    return Problem("no_pictures", message, remedy=remedy)


def _is_valid(pattern: str) -> bool:
    try:
        _expressions(pattern)
    except InputError:
        return False
    return True


def _fitting(files: list[str], pattern: str, plate: PlateFormat) -> int:
    expression = re.compile("/".join(_expressions(pattern)), re.IGNORECASE)
    found = [expression.fullmatch(unicodedata.normalize("NFKC", file)) for file in files]
    return sum(match is not None and _well(match) in plate for match in found)
