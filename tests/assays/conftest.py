"""A noise-free plate: what is in each well is known exactly."""

import pandas as pd
import pytest

from assaykit.plate import annotate, plate_format


class PlateBuilder:
    """Puts wells on a plate one after the other, with the reading that a curve gives them."""

    def __init__(self, curve, channel):
        self.curve, self.channel = curve, channel
        self.free = iter(plate_format(96).names)
        self.wells, self.readings = [], []

    def add(self, count, role, concentration, *, value=None, flag="", **columns):
        for _ in range(count):
            well = next(self.free)
            self.wells.append({"plate": "p", "well": well, "role": role} | columns)
            number = self.curve(concentration) if value is None else value
            self.readings.append(
                {"plate": "p", "well": well, "channel": self.channel, "value": number,
                 "unit": "OD", "flag": flag, "source": "made by hand"}
            )  # fmt: skip
        return self

    def annotated(self):
        return annotate(pd.DataFrame(self.readings), pd.DataFrame(self.wells))


def four_pl(x):
    return 0.05 if x is None else 3.0 + (0.1 - 3.0) / (1 + (x / 200.0) ** 1.2)


def line(x):
    return 0.05 if x is None else 0.05 + 0.002 * x


@pytest.fixture
def build():
    return PlateBuilder


@pytest.fixture
def elisa_plate():
    plate = PlateBuilder(four_pl, "od_450")
    for level in (0, 7.8125, 15.625, 31.25, 62.5, 125, 250, 500):
        plate.add(2, "standard", level, sample="std", nominal_concentration=level)
    return plate


@pytest.fixture
def alizarin_plate():
    plate = PlateBuilder(line, "od_562")
    plate.add(3, "blank", None)
    for level in (0, 31.25, 62.5, 125, 250, 500, 1000):
        plate.add(2, "standard", level, sample="std", nominal_concentration=level)
    return plate
