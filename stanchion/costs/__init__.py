"""What an answer costs: dated prices with their source, and the estimate that goes into events."""
