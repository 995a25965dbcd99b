"""Each text is written in a known encoding, which is the known answer."""

from __future__ import annotations

import pytest

from assaykit.errors import UnreadableFileError
from assaykit.readers.decoding import decode

ASCII = "Well,OD\nA1,0.5\n"
WESTERN = "Well;Größe µM;Température °C\nA1;0,5;élève\nA2;0,6;37 °C ± 1\n"
JAPANESE = "ウェル,吸光度,試料\nA1,0.5,対照群\nA2,0.6,培養上清\n"


@pytest.mark.parametrize("text", [ASCII, WESTERN, JAPANESE])
@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_unicode_is_decoded_with_and_without_byte_order_mark(text, written, found):
    decoded = decode(text.encode(written), "a.csv")
    assert decoded.text == text
    assert decoded.encoding == found


def test_utf_16_be_with_byte_order_mark():
    assert decode(b"\xfe\xff" + JAPANESE.encode("utf-16-be"), "a.csv").text == JAPANESE


@pytest.mark.parametrize("text", [JAPANESE, "well,ﾏｳｽ名\nA1,1\n", "Well,濃度\nA1,1\n"])
def test_japanese_windows_text_is_cp932(text):
    assert decode(text.encode("cp932"), "a.csv").encoding == "cp932"
    assert decode(text.encode("cp932"), "a.csv").text == text


@pytest.mark.parametrize("text", [WESTERN, "Händler\n", "créée élève à\n", "cm²\n", "1–5\n"])
def test_western_windows_text_is_cp1252(text):
    assert decode(text.encode("cp1252"), "a.csv").encoding == "cp1252"
    assert decode(text.encode("cp1252"), "a.csv").text == text


@pytest.mark.parametrize(
    "data",
    [
        "OD値\nA1\n".encode("cp932"),  # could be OD’l in cp1252
        "Mouse’s\nA1\n".encode("cp1252"),  # could be Mouse痴 in cp932
        b"A1\xff\xfe\xfd\x81\n",
    ],
)
def test_an_encoding_that_cannot_be_told_is_asked_for(data):
    with pytest.raises(UnreadableFileError, match=r"encoding cannot be told.*UTF-8"):
        decode(data, "a.csv")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_ends_become_line_feeds(ending):
    assert decode(ASCII.replace("\n", ending).encode(), "a.csv").text == ASCII


@pytest.mark.parametrize("text", [JAPANESE, "Conc (µM),Volume (µL)\nA1,10 µ"])
def test_a_cut_utf_8_file_is_not_taken_for_another_encoding(text):
    data = text.encode()
    last = max(i for i, byte in enumerate(data) if byte > 0x7F)
    with pytest.raises(UnreadableFileError, match="utf-8: the file is cut or damaged"):
        decode(data[:last], "a.csv")


def test_a_damaged_utf_8_file_is_not_taken_for_another_encoding():
    data = bytearray(JAPANESE.encode())
    data[4] ^= 0x40
    with pytest.raises(UnreadableFileError, match="byte 4 cannot be read as utf-8"):
        decode(bytes(data), "a.csv")


def test_half_a_utf_16_character_is_a_cut_file():
    with pytest.raises(UnreadableFileError, match="the file is cut or damaged"):
        decode(ASCII.encode("utf-16")[:-1], "a.csv")


def test_binary_bytes_name_the_line_where_text_ends():
    with pytest.raises(UnreadableFileError, match="line 2 holds characters that no text has"):
        decode(b"Well,OD\nA1,\x01\n", "a.csv")
