"""The minute aggregate: once a minute, one question to Athena and whole rows into the table of minutes."""
