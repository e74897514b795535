"""Rules about what people see and are told."""
