"""Serving, decided without a cloud: instance types, cold starts, names, capacity; components declare what this says."""
