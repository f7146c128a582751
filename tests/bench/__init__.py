"""Benchmarks: ratios measured side by side in one run. `python3 start.py bench` prints them."""
