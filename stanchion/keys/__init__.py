"""API keys: how they look, what is kept of them, and what they allow."""
