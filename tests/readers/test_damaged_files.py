"""Whole files damaged in 300 ways under fixed seeds: words, or a whole plate; nothing between."""

from __future__ import annotations

import random

import pytest

from assaykit.errors import InputError
from assaykit.readers import read


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def flip(data: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        damaged[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(damaged)


def drop_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    return b"".join(lines[:start] + lines[start + chance.randint(1, 3) :])


DAMAGES = (cut, flip, drop_lines)
SEEDS = range(100)


@pytest.fixture
def files(grid_rows, as_text, save) -> dict[str, bytes]:
    """Whole plates of 96 wells, one or two blocks to a file."""
    plate = grid_rows(8, 12, "od_450")
    two = as_text(plate) + "\n" + as_text(grid_rows(8, 12, "od_570", 0.04))
    return {
        "two blocks": two.encode(),
        "decimal commas": as_text(plate, "\t", ",").encode("utf-16"),
        "cp932": ("測定 対照群\n\n" + as_text(plate, ";", ",")).encode("cp932"),
        "workbook": save({"Data": plate}).read_bytes(),
    }


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_grid_is_an_error_or_still_a_whole_plate(files, damage, tmp_path):
    path = tmp_path / "plate.dat"
    refused = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        path.write_bytes(damage(chance.choice(list(files.values())), chance))
        try:
            readings = read(path)
        except InputError:
            refused += 1
            continue
        sizes = readings.groupby(["plate", "channel"]).size()
        assert set(sizes) == {96}, f"seed {seed}"
    assert refused >= 30


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_list_is_an_error_or_its_whole_lines(damage, tmp_path):
    path = tmp_path / "list.csv"
    lines = [f"{row}{column};{column / 8:.3f}" for row in "ABCDEFGH" for column in range(1, 13)]
    whole = "\n".join(["Well;A450", *lines]) + "\n"
    for seed in SEEDS:
        path.write_bytes(damage(whole.encode(), random.Random(seed)))
        try:
            readings = read(path)
        except InputError:
            continue
        left = [line for line in path.read_bytes().splitlines()[1:] if line.strip()]
        assert len(readings) == len(left), f"seed {seed}"
