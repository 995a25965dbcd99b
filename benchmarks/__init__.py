"""What assaykit costs, measured side by side: ``python -m benchmarks``."""
