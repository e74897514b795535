"""Measurements: ratios in one run wherever there is something to compare with."""
