"""Answers that may be given again: kept under what was asked, by which user, of which version of the model."""
