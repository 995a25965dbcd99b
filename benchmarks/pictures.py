"""What pictures cost: mineral against decoding alone, against scikit-image, and in memory.

Pairs are interleaved within one run and the medians of their ratios printed. Controls tell how far
the machine can be trusted: decoding against itself, and two workers against one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import tifffile

from assaykit.assays.alizarin.parameters import AlizarinParameters
from assaykit.assays.alizarin.pictures import Reference, measure_picture
from assaykit.assays.picture_plates import Look, Source, one_thread_each
from assaykit.assays.picture_store import PictureStore
from assaykit.images.illumination import Baseline
from assaykit.readers.pictures import open_picture
from assaykit.simulate.mineral_pictures import mineral_field

WELLS = 96
SIDE = 2048
SCAN_SIDE = 12000
UM_PER_PX = 1.6
PAIRS = 5
KINDS = {"PNG": ".png", "TIFF, LZW": ".tif", "JPEG": ".jpg"}
LIMITS = {"PNG": 1.3, "TIFF, LZW": 1.3, "JPEG": 1.8}
SCIKIT_LIMIT, SCAN_LIMIT, SCAN_MEGABYTES, THREADS_LIMIT = 1 / 3, 1.6, 450.0, 1.6
WHITE = (205.0, 193.0, 212.0)
PARAMETERS = AlizarinParameters(um_per_px=UM_PER_PX, threshold=0.1)


def measure() -> list[dict[str, object]]:
    """Rows of the table: what, measured, to_reach, met."""
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: _written(Path(folder), kind, ending) for kind, ending in KINDS.items()}
        rows = [_against_decoding(kind, files[kind]) for kind in KINDS]
        rows += [_decoding_twice(files["PNG"]), _two_threads(files["PNG"])]
        rows.append(_against_scikit_image(files["JPEG"]))
        rows += _scan(Path(folder))
    return rows


def _written(folder: Path, kind: str, ending: str) -> Path:
    """One simulated picture, which stands for every well: the cache of the disk is warm anyway."""
    size = (SIDE, SIDE)
    image = mineral_field(0.3, seed=1, size_px=size, um_per_px=UM_PER_PX).image
    path = folder / f"{kind}{ending}"
    if ending == ".tif":
        tifffile.imwrite(path, image, compression="lzw", photometric="rgb")
    else:
        path.write_bytes(cv2.imencode(ending, image[..., ::-1])[1].tobytes())
    return path


def _threads(work: Callable[[int], object], threads: int = 2, count: int = WELLS) -> float:
    """Seconds that a plate takes."""
    start = time.perf_counter()
    with one_thread_each(), ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(count)))
    return time.perf_counter() - start


def _decode(path: Path, _number: int) -> object:
    return open_picture(path).pixels()


def mineral(path: Path, number: int) -> object:
    """Measure one picture as the command does, without drawing it."""
    with PictureStore() as store:
        seen = Look(PARAMETERS, PARAMETERS.resolution, store).one(
            Source("P", f"A{number}", "", path.name, path)
        )
        return measure_picture(seen, store, _reference(), PARAMETERS)


def _reference() -> Reference:
    baseline = Baseline.of_colour(WHITE, PARAMETERS.split)
    return Reference(baseline, 0.1, "declared", "declared", 0)


def _row(what: str, measured: float, limit: float, unit: str = "x") -> dict[str, object]:
    return {
        "what": what,
        "measured": f"{measured:.2f} {unit}" if unit == "x" else f"{measured:.0f} {unit}",
        "to_reach": f"{limit:.2f} {unit}" if unit == "x" else f"{limit:.0f} {unit}",
        "met": measured <= limit,
    }


def _against_decoding(kind: str, path: Path) -> dict[str, object]:
    pairs = [
        _threads(partial(mineral, path)) / _threads(partial(_decode, path)) for _ in range(PAIRS)
    ]
    what = f"{WELLS} wells of {SIDE}² px, {kind}: mineral against decoding, 2 threads"
    return _row(what, statistics.median(pairs), LIMITS[kind])


def _decoding_twice(path: Path) -> dict[str, object]:
    """A control: the same work on both sides."""
    pairs = [
        _threads(partial(_decode, path)) / _threads(partial(_decode, path)) for _ in range(PAIRS)
    ]
    return _row("control: decoding against itself", statistics.median(pairs), 1.1)


def _two_threads(path: Path) -> dict[str, object]:
    pairs = [
        _threads(partial(mineral, path), 1, WELLS // 2)
        / _threads(partial(mineral, path), 2, WELLS // 2)
        for _ in range(PAIRS)
    ]
    ratio = statistics.median(pairs)
    row = _row("one thread against two, mineral", ratio, THREADS_LIMIT)
    return {**row, "met": ratio >= THREADS_LIMIT}


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _against_scikit_image(path: Path) -> dict[str, object]:
    from skimage.color import rgb2hed
    from skimage.filters import threshold_otsu
    from skimage.io import imread

    def theirs() -> object:
        stain = rgb2hed(imread(path))[..., 1]
        return (stain > threshold_otsu(stain)).mean()

    with one_thread_each():
        pairs = [_cpu(lambda: mineral(path, 1)) / _cpu(theirs) for _ in range(PAIRS)]
    what = "a well (JPEG) against scikit-image's rgb2hed and Otsu, CPU"
    return _row(what, statistics.median(pairs), SCIKIT_LIMIT)


def _scan(folder: Path) -> list[dict[str, object]]:
    path = folder / "scan.tif"
    tile = mineral_field(0.3, seed=2, size_px=(1000, 1000), um_per_px=UM_PER_PX).image
    scan = np.tile(tile, (SCAN_SIDE // 1000, SCAN_SIDE // 1000, 1))
    tifffile.imwrite(path, scan, tile=(512, 512), compression="lzw", photometric="rgb")
    del scan
    pairs = [_threads(partial(mineral, path), 1, 1) / _threads(partial(_bands, path), 1, 1)
             for _ in range(3)]  # fmt: skip
    what = f"tiled scan of {SCAN_SIDE}² px: mineral"
    return [
        _row(f"{what} against decoding alone", statistics.median(pairs), SCAN_LIMIT),
        _row(f"{what} and nodules, peak above the imports", _peak(path), SCAN_MEGABYTES, "MB"),
    ]


def _bands(path: Path, _number: int) -> object:
    return sum(rows.shape[0] for _, rows in open_picture(path).bands())


def _peak(path: Path) -> float:
    """Peak memory of measuring, in a process of its own, above that of its imports."""
    words = ("-m", "benchmarks.picture_memory", str(path))
    done = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)
    return float(done.stdout)
