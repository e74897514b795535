"""Quotas: what is counted over which time, when requests are refused, and how far that can be overrun."""
