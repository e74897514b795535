"""Rules about what a disruption may cost."""
