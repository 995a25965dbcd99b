"""Everything that is measured, in one command: ``python -m benchmarks``.

Ratios are medians over interleaved pairs within one run, so that a busy machine slows both
sides; seconds are CPU time of the whole process and only a guide.
"""

from __future__ import annotations

from benchmarks import commands, comparisons, curve_fits, pictures


def main() -> None:
    """Measure and print one table."""
    modules = (curve_fits, comparisons, pictures, commands)
    rows = [row for module in modules for row in module.measure()]
    width = max(len(str(row["what"])) for row in rows)
    print(f"{'what':<{width}}  {'measured':>10}  {'to reach':>10}  met")
    for row in rows:
        met = "yes" if row["met"] else "NO"
        print(f"{row['what']:<{width}}  {row['measured']:>10}  {row['to_reach']:>10}  {met}")


if __name__ == "__main__":
    main()
