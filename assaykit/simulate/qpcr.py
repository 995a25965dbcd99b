"""RT-qPCR plates: true relative quantities become Cq, with errors of known size.

``Cq = intercept - log2(quantity × loading) / log2(1 + efficiency) + error``: the loading (how much
RNA went into the reverse transcription) is common to all targets of a sample, which is what
reference genes take away again; each well has an error of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.plate import PLATE_FORMATS
from assaykit.simulate.biology import KO_VESICLE, MICE, TREATMENTS, VESICLE, Biology
from assaykit.simulate.randomness import generator

LAST_CYCLE = 40.0
STANDARD_LEVELS = (10000.0, 2500.0, 625.0, 156.25, 39.0625)


@dataclass(frozen=True)
class Assayed:
    """A target with its primers.

    Parameters
    ----------
    name, role, rt_group
        As on the sheet Targets.
    intercept
        Cq of a sample with quantity 1, in cycles.
    efficiency
        True amplification efficiency (1.00 = 100 %).
    melt
        Temperature of its product in °C.
    """

    name: str
    role: str
    rt_group: str
    intercept: float
    efficiency: float = 0.97
    melt: float = 84.0


@dataclass(frozen=True)
class CqNoise:
    """Standard deviations of the errors.

    Parameters
    ----------
    well
        Of a single reaction, in cycles.
    loading
        Of the natural logarithm of the RNA that went into a reverse transcription.
    reference
        Of a reference gene's own level between samples, natural logarithm.
    """

    well: float = 0.08
    loading: float = 0.25
    reference: float = 0.05


OSTEOBLAST_TARGETS = (
    Assayed("RUNX2", "target", "random primers", 25.4, 0.95, 86.5),
    Assayed("TNFSF11", "target", "random primers", 29.1, 0.98, 82.0),
    Assayed("ACTB", "reference", "random primers", 18.2, 0.99, 88.0),
    Assayed("HPRT1", "reference", "random primers", 23.6, 0.96, 80.5),
)
VESICLE_TARGETS = (
    Assayed("miR-143-3p", "target", "stem-loop", 24.8, 0.94, 76.0),
    Assayed("cel-miR-39-3p", "spike_in", "stem-loop", 20.5, 0.97, 75.0),
)


@dataclass(frozen=True, eq=False)
class SimulatedRun:
    """A qPCR plate with everything that is true about it.

    Parameters
    ----------
    plate, plate_format
        Name and number of wells.
    wells
        Role, sample, target and quantity of each reaction, with its Cq.
    samples, targets
        The sheets of these names.
    design
        Factors, arms and planned contrasts.
    truth
        True relative quantity of each target in each sample.
    """

    plate: str
    plate_format: int
    wells: pd.DataFrame
    samples: pd.DataFrame
    targets: pd.DataFrame
    design: Design
    truth: pd.DataFrame

    @property
    def readings(self) -> pd.DataFrame:
        """The Cq as readings; what was not found is ``undetermined``."""
        table = self.wells[["plate", "well", "target", "cq"]].rename(columns={"cq": "value"})
        flags = np.where(table["value"].isna(), "undetermined", "")
        return table.assign(channel="cq", unit="cycles", flag=flags, source="simulated")


def osteoblast_run(
    biology: Biology, *, seed: int, plate: str = "osteoblasts_qPCR", noise: CqNoise | None = None
) -> SimulatedRun:
    """Simulate RUNX2 and TNFSF11 (RANKL) in osteoblasts, with two reference genes.

    Parameters
    ----------
    biology
        True relative quantities: endpoints of the assay ``qpcr``.
    seed
        The same seed gives the same plate.
    plate
        Its name.
    noise
        Errors of the measurement.

    Examples
    --------
    >>> from assaykit.simulate.biology import RUNX2, TNFSF11, draw_biology
    >>> run = osteoblast_run(draw_biology([RUNX2, TNFSF11], seed=1), seed=1)
    >>> run.wells["role"].value_counts().to_dict()
    {'sample': 144, 'standard': 40, 'ntc': 8, 'nrt': 8}
    """
    values = biology.values[biology.values["assay"] == "qpcr"]
    names = [
        f"{row['biological_replicate']} {row['treatment']}" for row in values.to_dict("records")
    ]
    truth = values.assign(sample=names)[["sample", "analyte", "true_value"]]
    once = values.assign(sample=names).drop_duplicates("sample")
    samples = once[["sample", "biological_replicate", *biology.design.factor_names]]
    return _run(plate, samples, truth, OSTEOBLAST_TARGETS, biology.design, (seed, noise))


def vesicle_run(
    *, seed: int, plate: str = "vesicles_miR-143-3p", noise: CqNoise | None = None
) -> SimulatedRun:
    """Simulate miR-143-3p in vesicles of wild type and knock-out, with a spike-in.

    The knock-out has none: its reactions are undetermined.

    Parameters
    ----------
    seed
        The same seed gives the same plate.
    plate
        Its name.
    noise
        Errors of the measurement.

    Examples
    --------
    >>> run = vesicle_run(seed=1)
    >>> int(run.wells["cq"].isna().sum())
    16
    """
    random = generator(seed, "biology", "miR-143-3p")
    arms = [(mouse, arm) for mouse in MICE for arm in (VESICLE, KO_VESICLE)]
    quantity = [float(np.exp(random.normal(0, 0.25))) * (arm == VESICLE) for _, arm in arms]
    names = [f"{mouse} {arm}" for mouse, arm in arms]
    samples = pd.DataFrame(
        {"sample": names, "biological_replicate": [mouse for mouse, _ in arms],
         "treatment": [arm for _, arm in arms], "material": "vesicles"}
    )  # fmt: skip
    truth = pd.DataFrame({"sample": names, "analyte": "miR-143-3p", "true_value": quantity})
    return _run(plate, samples, truth, VESICLE_TARGETS, TREATMENTS, (seed, noise))


def _run(
    plate: str,
    samples: pd.DataFrame,
    truth: pd.DataFrame,
    targets: Sequence[Assayed],
    design: Design,
    chance: tuple[int, CqNoise | None],
) -> SimulatedRun:
    seed, noise = chance
    random = generator(seed, "qpcr", plate)
    quantities = _quantities(samples["sample"], truth, targets, random, noise or CqNoise())
    rows = [*_samples(quantities, targets), *_standards(targets), *_controls(targets)]
    table = pd.DataFrame(rows)
    names = {one.name: one for one in targets}
    error = random.normal(0, (noise or CqNoise()).well, len(table))
    table["cq"] = [
        _cq(names[row["target"]], row["amount"], e)
        for row, e in zip(table.to_dict("records"), error, strict=True)
    ]
    wells_of_plate = 96 if len(table) <= 96 else 384
    table["well"] = list(PLATE_FORMATS[wells_of_plate].names)[: len(table)]
    return SimulatedRun(
        plate, wells_of_plate, table.drop(columns="amount").assign(plate=plate),
        samples.reset_index(drop=True), _target_sheet(targets), design,
        truth.reset_index(drop=True),
    )  # fmt: skip


def _cq(target: Assayed, amount: float, error: float) -> float:
    """Cq of an amount, in thousandths of a cycle; missing if not reached."""
    if amount <= 0:
        return float("nan")
    cq = target.intercept - np.log2(amount) / np.log2(1 + target.efficiency) + error
    return float(round(cq, 3)) if cq < LAST_CYCLE else float("nan")


def _quantities(
    samples: pd.Series,
    truth: pd.DataFrame,
    targets: Sequence[Assayed],
    random: np.random.Generator,
    noise: CqNoise,
) -> dict[tuple[str, str], float]:
    """True amount of each target in each sample's reverse transcription."""
    known = truth.set_index(["sample", "analyte"])["true_value"].astype(float).to_dict()
    amounts: dict[tuple[str, str], float] = {}
    for sample in samples:
        loading = float(np.exp(random.normal(0, noise.loading)))
        for target in targets:
            own = float(np.exp(random.normal(0, noise.reference)))
            value = own if target.role != "target" else known[sample, target.name]
            amounts[str(sample), target.name] = loading * value
    return amounts


def _samples(
    amounts: Mapping[tuple[str, str], float], targets: Sequence[Assayed]
) -> Iterator[dict[str, object]]:
    for target in targets:
        for (sample, name), amount in amounts.items():
            if name == target.name:
                for _ in range(3):
                    yield {"role": "sample", "sample": sample, "target": name, "amount": amount}


def _standards(targets: Sequence[Assayed]) -> Iterator[dict[str, object]]:
    """A dilution series of pooled cDNA, in copies that are 1000 times the samples' unit."""
    for target in targets:
        for level in STANDARD_LEVELS:
            for _ in range(2):
                yield {"role": "standard", "sample": f"pool {level:g}", "target": target.name,
                       "nominal_concentration": level, "amount": level / 1000}  # fmt: skip


def _controls(targets: Sequence[Assayed]) -> Iterator[dict[str, object]]:
    for role, sample in (("ntc", "water"), ("nrt", "no RT")):
        for target in targets:
            if role == "nrt" and target.rt_group == "stem-loop":
                continue
            for _ in range(2):
                yield {"role": role, "sample": sample, "target": target.name, "amount": 0.0}


def _target_sheet(targets: Sequence[Assayed]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"target": one.name, "target_role": one.role, "rt_group": one.rt_group,
             "expected_tm": one.melt}
            for one in targets
        ]
    )  # fmt: skip
