"""``python -m assaykit`` is the command ``assaykit``."""

from assaykit.cli import main

main()
