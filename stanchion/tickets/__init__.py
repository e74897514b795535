"""Tickets: requests that people answer, because no model could."""
