"""The minute aggregate: what was asked, answered and spent in each minute, for whoever can't wait for a report."""
