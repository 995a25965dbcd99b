"""What the labels of a grid's blocks say, and which cells around the blocks say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from assaykit.errors import Problem
from assaykit.readers.base import is_number
from assaykit.readers.blocks import LETTERS, Block, Place
from assaykit.readers.labels import Label, is_note, parse_label
from assaykit.readers.source import Sheet, Source


def block_labels(blocks: list[Block], source: Source, problems: list[Problem]) -> list[Label]:
    """Name plate and channel of every block.

    A label stands in the corner, right or left of the block (at its first lines or on every
    line) or in the line above. One line further up, behind a blank line, and in the sheet's
    name only a plate or a wavelength is looked for. Blocks that say nothing are ``value``, or
    ``read_1``, ``read_2`` where a plate has several.

    Parameters
    ----------
    blocks
        The blocks of one file.
    source
        The file; its name is the plate's name where no label says one.
    problems
        Problems are added here: labels that contradict each other, a block without a plate's
        name among others that have one.
    """
    said = [_label(block, problems) for block in blocks]
    if any(label.plate for label in said):
        problems += [_no_plate(b) for b, label in zip(blocks, said, strict=True) if not label.plate]
    labels = _numbered([Label(label.plate or source.plate, label.channel) for label in said])
    problems += _called_the_same(blocks, labels)
    return labels


def loose_number_problems(blocks: list[Block], source: Source) -> list[Problem]:
    """Report numbers that belong to no block and are no note: a part of a block may be lost.

    A number behind a word, such as ``Temperature | 37``, is a note.
    """
    return [
        _loose_number(sheet, rows, source, blocks)
        for sheet in source.sheets
        for rows in _neighbours(_loose_numbers(sheet, blocks))
    ]


def _loose_numbers(sheet: Sheet, blocks: list[Block]) -> list[Place]:
    """First loose number of each row that has one."""
    own = [block for block in blocks if block.sheet is sheet]
    labels = {place for block in own for place in _label_places(block)}
    loose: dict[int, Place] = {}
    for place, value in sorted(sheet.cells.items()):
        if (
            is_number(value)
            and place not in labels
            and not any(block.holds(place) for block in own)
            and not _is_note_value(sheet, *place)
        ):
            loose.setdefault(place[0], place)
    return list(loose.values())


def _neighbours(places: list[Place]) -> Iterator[list[Place]]:
    """Places in rows that follow each other, together."""
    run: list[Place] = []
    for place in places:
        if run and place[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _is_note_value(sheet: Sheet, row: int, column: int) -> bool:
    """Whether a number stands behind a word, such as ``Temperature | 37``."""
    before = sheet.cells.get((row, column - 1))
    return (
        isinstance(before, str)
        and not is_number(before)
        and sheet.text(row, column - 1).upper() not in LETTERS
    )


def _loose_number(
    sheet: Sheet, places: list[Place], source: Source, blocks: list[Block]
) -> Problem:
    """Report loose numbers in rows that follow each other as one problem."""
    row, column = places[0]
    beside = any(block.sheet is sheet and row in block.rows for block in blocks)
    remedy = "Each block needs all its row letters and column numbers; remove other numbers."
    if beside and source.separator == ",":
        remedy = (
            "Decimal commas in a file separated by commas cannot be told apart: save it with "
            "decimal points or with semicolons."
        )
    further = f" (and more down to row {places[-1][0]})" if len(places) > 1 else ""
    where = "beside a block" if beside else "outside any block"
    message = f"found {sheet.text(row, column)} {where}{further}"
    return sheet.problem("loose_number", message, row, column, remedy)


def _label_places(block: Block) -> list[Place]:
    """Where the labels of a block stand: corner, right, left, above."""
    if not block.headed:
        return []
    return [
        *([(block.top, block.left)] * ((block.top, block.left) in block.sheet.cells)),
        *_side(block, block.right + 1),
        *_side(block, block.left - 1),
        *_above(block, 1),
        *_above(block, 2),
    ]


def _side(block: Block, column: int) -> list[Place]:
    """Cells of one text beside a block: at its first lines or on every line."""
    rows = [r for r in range(block.top, block.bottom + 1) if (r, column) in block.sheet.cells]
    texts = {block.sheet.text(row, column) for row in rows}
    on_every_line = set(block.rows) <= set(rows)
    if len(texts) != 1 or not (on_every_line or rows[0] <= block.top + 1):
        return []
    return [(row, column) for row in rows] if _may_label(texts.pop()) else []


def _above(block: Block, distance: int) -> list[Place]:
    """Cells of the line above a block; two lines above counts if one blank line lies between."""
    between = any(_line(block, block.top - step) for step in range(1, distance))
    cells = [] if between else _line(block, block.top - distance)
    texts = [block.sheet.text(*place) for place in cells]
    if not texts or is_note(" ".join(texts)) or not all(map(_may_label, texts)):
        return []
    return cells


def _line(block: Block, row: int) -> list[Place]:
    cells = block.sheet.rows.get(row, {})
    return [(row, column) for column in cells if block.left - 1 <= column <= block.right]


def _may_label(text: str) -> bool:
    """Whether a text can be a label: no number, unless it is a wavelength."""
    return not is_number(text) or parse_label(text).channel.startswith("od_")


def _no_plate(block: Block) -> Problem:
    return block.sheet.problem(
        "no_plate", "this block names no plate, but others in the file do", block.top, block.left,
        "Write the plate's name above each block, such as Plate 2.",
    )  # fmt: skip


def _called_the_same(blocks: list[Block], labels: list[Label]) -> list[Problem]:
    problems = []
    first: dict[Label, Block] = {}
    for block, label in zip(blocks, labels, strict=True):
        other = first.setdefault(label, block)
        if other is not block:
            where = other.sheet.place(other.top, other.left)
            message = f"this block is called {label.channel} of {label.plate}, and so is {where}"
            remedy = "Name each block's plate or channel in its corner, such as Plate 2 450 nm."
            problems.append(
                block.sheet.problem("same_label", message, block.top, block.left, remedy)
            )
    return problems


def _numbered(labels: list[Label]) -> list[Label]:
    """Name unlabelled blocks ``value``, or ``read_1``, ``read_2`` where a plate has several."""
    silent = Counter(label.plate for label in labels if not label.channel)
    count: Counter[str] = Counter()
    named = []
    for label in labels:
        channel = label.channel
        if not channel:
            count[label.plate] += 1
            channel = f"read_{count[label.plate]}" if silent[label.plate] > 1 else "value"
        named.append(Label(label.plate, channel))
    return named


def _label(block: Block, problems: list[Problem]) -> Label:
    """What the labels of a block say together; the more distant ones only fill in."""
    said = [(place, parse_label(text)) for place, text in _label_texts(block)]
    near = [(place, label) for place, label in said if place[0] >= block.top - 1]
    far = [label for place, label in said if place[0] < block.top - 1]
    far.append(parse_label(block.sheet.name))
    distant = [label.channel for label in far if label.channel.startswith("od_")]
    channels = {label.channel: place for place, label in near if label.channel}
    if any(channel.startswith("od_") for channel in channels):
        channels.pop("od", None)
    plates = {label.plate: place for place, label in said if label.plate}
    for words in (channels, plates):
        if len(words) > 1:
            problems.append(_contradiction(block, words))
    plate = next(iter(plates), "") or far[-1].plate
    return Label(plate, next(iter(channels), "") or next(iter(distant), ""))


def _contradiction(block: Block, words: dict[str, Place]) -> Problem:
    found = " and ".join(f"'{word}' ({block.sheet.place(*at)})" for word, at in words.items())
    return block.sheet.problem(
        "two_labels", f"the labels of this block say different things: {found}", block.top,
        block.left, "Keep one, or put a blank line between remarks and the block.",
    )  # fmt: skip


def _label_texts(block: Block) -> Iterator[tuple[Place, str]]:
    """Yield each label of a block with its place; the cells of a line above are one label."""
    lines: dict[int, list[Place]] = {}
    for row, column in _label_places(block):
        if row < block.top:
            lines.setdefault(row, []).append((row, column))
        else:
            yield (row, column), block.sheet.text(row, column)
    for places in lines.values():
        yield places[0], " ".join(block.sheet.text(*place) for place in places)
