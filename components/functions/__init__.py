"""Functions on Lambda: what each may do, when it runs, and what all of them depend on."""
