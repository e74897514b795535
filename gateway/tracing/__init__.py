"""Spans of requests and their attempts, where somebody collects them."""
