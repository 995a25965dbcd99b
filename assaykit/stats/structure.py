"""The structure of an experiment, seen in its table: what is paired, nested, blocked, confounded.

People know how they pipetted; they need not know the names of models. From which replicate is in
which arm, on which plate and in how many wells, this module decides which terms the model needs,
and says in words why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from assaykit.design import Design
from assaykit.stats.distributions import Floats
from assaykit.stats.layout import Codes
from assaykit.tables import as_text

Kind = Literal["unpaired", "blocked", "split-plot"]

_FEW = 6
_ROUNDING = 1e-8


@dataclass(frozen=True, eq=False)
class Structure:
    """Which terms a comparison of arms needs, and why.

    Parameters
    ----------
    kind
        ``unpaired``: each replicate is in one arm; ``blocked``: replicates are in several arms;
        ``split-plot``: they have one level of one factor and several of another.
    random
        Random intercepts: name in words to the level of each row.
    blocks
        Plates, days and the like that are taken out as fixed effects, in the same form.
    even
        Whether every replicate is in every arm that it can be in, with equally many values, and
        meets wells and blocks as evenly.
    sentences
        The explanation, one sentence each.
    """

    kind: Kind
    random: Mapping[str, Codes]
    blocks: Mapping[str, Codes]
    even: bool
    sentences: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        """Whether the classical tests on replicate means are exact: even, and without blocks."""
        return self.even and not self.blocks


def decide_structure(wells: pd.DataFrame, design: Design) -> Structure:
    """Decide from a table how its arms have to be compared.

    Parameters
    ----------
    wells
        Rows of one endpoint: ``arm``, ``replicate`` (as :func:`replicate_names` gives it),
        ``plate``, ``well``, the factors and the declared blocks.
    design
        Factors, blocks and the word for a replicate.

    Examples
    --------
    >>> from assaykit.design import Factor
    >>> design = Design((Factor("treatment", ("control", "vesicle"), "control"),),
    ...                 biological_replicate_is="mouse")
    >>> wells = pd.DataFrame({"arm": ["control", "vesicle"] * 3, "replicate": list("112233"),
    ...                       "plate": "P1", "well": list("abcdef")})
    >>> found = decide_structure(wells.assign(treatment=wells["arm"]), design)
    >>> found.kind, list(found.random)
    ('blocked', ['mouse'])
    >>> found.sentences[0]
    'Each mouse is in every arm, so the arms are compared within each mouse.'
    """
    table = _Table.of(wells)
    word = design.replicate_word
    kind, sentence, complete = _kind(table, wells, design)
    random = {word: table.replicate}
    if kind != "unpaired":
        random[f"{word} × arm"] = table.cell
    blocks, inner, said = _blocks(wells, table, design)
    well = _codes(wells, ["arm", "replicate", "plate", "well"])
    random |= inner | {inner_name("well", design): well}
    counts = table.counts[table.counts > 0]
    equal = complete and _all_equal(counts) and _all_equal(np.bincount(well))
    return Structure(
        kind=kind,
        random=_useful(random, len(wells)),
        blocks=blocks,
        even=equal and not inner and _blocks_even(table, blocks),
        sentences=(sentence, _wells_sentence(counts, word), *said),
    )


def inner_name(name: str, design: Design) -> str:
    """What varies inside of a replicate, in words that no replicate has.

    Examples
    --------
    >>> inner_name("well", Design()), inner_name("well", Design(biological_replicate_is="well"))
    ('well', 'well within well')
    """
    return f"{name} within {name}" if name == design.replicate_word else name


def replicate_names(table: pd.DataFrame, design: Design) -> pd.Series:
    """Names that are the same only for the same biological replicate.

    Where the design declares that every arm has replicates of its own, a name stands for another
    replicate in another arm.

    Examples
    --------
    >>> rows = pd.DataFrame({"arm": ["a", "b"], "biological_replicate": ["1", "1"]})
    >>> replicate_names(rows, Design(replicates_shared=False)).tolist()
    ['1 of a', '1 of b']
    """
    names = table["biological_replicate"].astype(str)
    if design.replicates_shared is False:
        return names + " of " + table["arm"].astype(str)
    return names


@dataclass(frozen=True, eq=False)
class _Table:
    """How many values each replicate has in each arm."""

    arms: tuple[str, ...]
    names: tuple[str, ...]
    arm: Codes
    replicate: Codes
    counts: Codes  # (replicates, arms)

    @classmethod
    def of(cls, wells: pd.DataFrame) -> _Table:
        arm, arms = pd.factorize(wells["arm"])
        replicate, names = pd.factorize(wells["replicate"])
        counts = np.zeros((len(names), len(arms)), dtype=np.int64)
        np.add.at(counts, (replicate, arm), 1)
        return cls(tuple(arms), tuple(names), arm, replicate, counts)

    @property
    def cell(self) -> Codes:
        """Replicate and arm of each row as one number."""
        return np.asarray(self.replicate * len(self.arms) + self.arm, dtype=np.int64)


def _kind(table: _Table, wells: pd.DataFrame, design: Design) -> tuple[Kind, str, bool]:
    """What sort of comparison it is, why, and whether no combination is missing."""
    word, there = design.replicate_word, table.counts > 0
    if (there.sum(axis=1) == 1).all():
        sentence = (
            f"Each {word} is in one arm only, so the arms are compared from one {word} to another."
        )
        return "unpaired", sentence, True
    between, possible = _between(table, wells, design)
    missing = [f"{table.names[i]} in {table.arms[j]}" for i, j in np.argwhere(possible & ~there)]
    gap = ""
    if missing:
        shown = ", ".join(missing[:_FEW]) + (", …" if len(missing) > _FEW else "")
        gap = f" Missing: {shown}; all values there are take part."
    if between:
        fixed = " and one ".join(between)
        varied = " and every ".join(n for n in design.factor_names if n not in between)
        sentence = (
            f"Each {word} has one {fixed} but {_almost(missing)} {varied}, so {varied} is compared "
            f"within each {word} and {fixed} from one {word} to another."
        )
        return "split-plot", sentence + gap, not missing
    if missing:
        sentence = f"Not every {word} is in every arm; those in several are compared within each."
        return "blocked", sentence + gap, False
    sentence = f"Each {word} is in every arm, so the arms are compared within each {word}."
    return "blocked", sentence, True


def _almost(missing: Sequence[str]) -> str:
    return "not every" if missing else "every"


def _between(
    table: _Table, wells: pd.DataFrame, design: Design
) -> tuple[list[str], np.typing.NDArray[np.bool_]]:
    """Factors of which each replicate has one level, and the arms it can then be in."""
    there = table.counts > 0
    possible = np.ones_like(there)
    between = []
    firsts = np.unique(table.arm, return_index=True)[1]
    for name in design.factor_names:
        level = pd.factorize(wells[name].iloc[firsts])[0]
        has = np.array([there[:, level == one].any(axis=1) for one in range(level.max() + 1)]).T
        if has.shape[1] > 1 and (has.sum(axis=1) == 1).all():
            between.append(name)
            possible &= has[:, level]
    return between, possible


def _wells_sentence(counts: Codes, word: str) -> str:
    low, high = int(counts.min()), int(counts.max())
    if high == 1:
        return f"Each {word} has one value in an arm."
    number = f"{low}" if low == high else f"{low} to {high}"
    return (
        f"Each {word} has {number} values in an arm; they tell how precisely the {word} was "
        "measured and are not n."
    )


def _blocks(
    wells: pd.DataFrame, table: _Table, design: Design
) -> tuple[dict[str, Codes], dict[str, Codes], list[str]]:
    """Plates, days and the like: fixed where replicates meet in them, random within one."""
    fixed: dict[str, Codes] = {}
    inner: dict[str, Codes] = {}
    sentences = []
    word = design.replicate_word
    for name in ("plate", *design.blocks):
        levels = as_text(wells[name]) if name in wells else pd.Series([""] * len(wells))
        if name != "plate" and (levels == "").any():
            sentences.append(_untold(name, bool((levels == "").all())))
        if levels.nunique() < 2:
            continue
        codes = np.asarray(pd.factorize(levels)[0], dtype=np.int64)
        replicates_in = _meets(codes, table.replicate)
        blocks_of = _meets(table.replicate, codes)
        if replicates_in.max() > 1:
            fixed[name] = codes
            sentences.append(f"Differences between {name}s are taken out ({name} as a block).")
        elif blocks_of.max() == 1:
            sentences.append(
                f"Each {name} holds one {word}, so differences between {name}s are part of those "
                f"between one {word} and another."
            )
        else:
            inner[inner_name(name, design)] = _codes(wells, ["replicate", name])
            sentences.append(f"A {word} has several {name}s; they vary within it and are not n.")
    return fixed, inner, sentences


def _untold(name: str, everywhere: bool) -> str:
    if everywhere:
        return f"Nothing is said of {name}, so its differences are not taken out."
    return f"The values of which nothing is said of {name} count as one more {name}."


def _blocks_even(table: _Table, blocks: Mapping[str, Codes]) -> bool:
    """Whether means of replicates, and of their arms, know no more of blocks than whole blocks."""
    if not blocks:
        return True
    x = np.hstack([np.eye(len(table.arms))[table.arm], block_columns(blocks)])
    for codes in (table.replicate, pd.factorize(table.cell)[0]):
        sums = np.zeros((int(codes.max()) + 1, x.shape[1]))
        np.add.at(sums, codes, x)
        means = (sums / np.bincount(codes)[:, None])[codes]
        left = means - x @ np.linalg.lstsq(x, means, rcond=None)[0]
        if np.abs(left).max() > _ROUNDING:
            return False
    return True


def _all_equal(counts: Codes) -> bool:
    return bool((counts == counts[0]).all())


def _meets(groups: Codes, others: Codes) -> Codes:
    """How many different others each group meets."""
    pairs = np.unique(np.stack([groups, others], axis=1), axis=0)
    counts: Codes = np.bincount(pairs[:, 0]).astype(np.int64)
    return counts


def _codes(wells: pd.DataFrame, columns: Sequence[str]) -> Codes:
    present = [name for name in columns if name in wells]
    if len(present) == 1:
        return np.asarray(pd.factorize(wells[present[0]])[0], dtype=np.int64)
    return np.asarray(wells.groupby(present, sort=False).ngroup(), dtype=np.int64)


def _useful(random: Mapping[str, Codes], n: int) -> dict[str, Codes]:
    """The terms that divide the rows, each in a way of its own."""
    kept: dict[str, Codes] = {}
    for name, codes in random.items():
        own = pd.factorize(codes)[0].astype(np.int64)
        if own.max() + 1 < n and not any(np.array_equal(own, other) for other in kept.values()):
            kept[name] = own
    return kept


def block_columns(blocks: Mapping[str, Codes]) -> Floats:
    """Columns of fixed blocks, coded as deviations from their mean, shape (n, b)."""
    columns = []
    for codes in blocks.values():
        indicators = np.eye(int(codes.max()) + 1)[codes]
        columns.append(indicators[:, :-1] - indicators[:, -1:])
    return np.hstack(columns) if columns else np.zeros((0, 0))
