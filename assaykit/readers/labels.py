"""What a label beside a block or above a column says: which plate, which channel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assaykit.values import normalise

_WAVELENGTH = re.compile(r"(?:od|a|abs|absorbance)?([2-9]\d\d|1000)(?:nm)?")
_MARKED = r"(?:(?:od|a|abs)[ _]?\d{3,4}\b|\d{3,4} ?nm\b)"
# "Plate 1", "plate_A"; but "plate" before a wavelength is only a word
_NUMBERED_PLATE = r"[ _]?(?!\d{3,4} ?nm|(?:od|a|abs)_?\d{3})(?:[A-Za-z]|\w*\d[\w-]*)(?!\w)"
# "Plate: P07" up to the next separator or wavelength
_NAMED_PLATE = (
    rf" ?(?:name|id|no\.?|number)? ?[:=#] ?(?P<name>[^,;|]+?)(?= ?-? ?{_MARKED}| ?[,;|]|$)"
)
_PLATE = re.compile(rf"(?:\bplate|プレート)(?:{_NAMED_PLATE}|{_NUMBERED_PLATE})", re.IGNORECASE)
_OD_WORDS = frozenset({"od", "abs", "absorbance", "吸光度"})
_EMPTY_WORDS = frozenset(
    {"nm", "plate", "raw", "data", "read", "reading", "readings", "value", "values", "result",
     "results", "signal", "wavelength", "channel", "label", "at", "λ", "波長", "値"}
)  # fmt: skip
_CQ_WORDS = frozenset({"cq", "ct", "cт", "cp", "crt", "crт"})  # two with a Cyrillic т
_MELT = re.compile(r"(tm|melt_peak_height)_?([1-9]\d?)?")


@dataclass(frozen=True)
class Label:
    """The plate and the channel that a text names; each empty if it names none.

    ``channel`` is ``od_450`` for a wavelength, ``od`` for an absorbance without one, ``cq``
    for any spelling of it, ``tm_1`` for the temperature of a melting peak, and otherwise the
    text in lower case with underscores.
    """

    plate: str = ""
    channel: str = ""


def parse_label(text: str) -> Label:
    """Read a label.

    A text becomes ``od_450`` only if it says nothing but the wavelength: "Blank corrected
    450" is a channel of its own, and so is "450-570".

    Examples
    --------
    >>> parse_label("Plate 1 450 nm")
    Label(plate='Plate 1', channel='od_450')
    >>> parse_label("A450").channel, parse_label("OD").channel, parse_label("Ct").channel
    ('od_450', 'od', 'cq')
    >>> parse_label("Blank corrected 450").channel
    'blank_corrected_450'
    """
    text = normalise(text)
    found = _PLATE.search(text)
    plate = "" if not found else (found["name"] or found[0]).strip()
    rest = text if not found else f"{text[: found.start()]} {text[found.end() :]}"
    return Label(plate, channel_name(rest))


def channel_name(text: str) -> str:
    """The channel that a text names, without looking for a plate; empty if it names none.

    Examples
    --------
    >>> channel_name("Raw data (570 nm)"), channel_name("Mean RFU"), channel_name("values")
    ('od_570', 'mean_rfu', '')
    >>> channel_name("Cт"), channel_name("Tm2")
    ('cq', 'tm_2')
    """
    words = re.findall(r"[^\W_]+", normalise(text).casefold())
    matches = [_WAVELENGTH.fullmatch(word) for word in words]
    wavelengths = {match[1] for match in matches if match}
    others = {w for w, m in zip(words, matches, strict=True) if not m} - _OD_WORDS - _EMPTY_WORDS
    if wavelengths:
        others.discard("a")  # as in A 450
    if len(words) == 1 and words[0] in _CQ_WORDS:
        return "cq"
    melt = _MELT.fullmatch("_".join(words))
    if melt:
        return f"{melt[1]}_{melt[2] or 1}"
    if not others and not wavelengths:
        return "od" if _OD_WORDS & set(words) else ""
    if not others and len(wavelengths) == 1:
        return f"od_{wavelengths.pop()}"
    return "_".join(words)


def is_note(text: str) -> bool:
    """Whether a line is a remark such as ``Operator: Tanaka``, which labels nothing.

    Examples
    --------
    >>> is_note("Operator: Tanaka"), is_note("Wavelength: 450 nm"), is_note("Plate: P7")
    (True, False, False)
    """
    key, colon, value = normalise(text).partition(":")
    if not colon or not value:
        return False
    return channel_name(key) not in ("", "od") and not re.search(
        "plate|プレート", key, re.IGNORECASE
    )


def unit_of(channel: str) -> str:
    """The unit of a channel: ``OD`` of a wavelength, cycles of a Cq, °C of a melting peak.

    Examples
    --------
    >>> unit_of("od_450"), unit_of("cq"), unit_of("tm_1"), unit_of("value")
    ('OD', 'cycles', '°C', '')
    """
    if channel == "cq":
        return "cycles"
    if re.fullmatch(r"tm_\d+", channel):
        return "°C"
    return "OD" if re.fullmatch(r"od_\d{3,4}", channel) else ""
