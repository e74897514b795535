"""Whose request it is: API keys out of a table, or tokens of an OpenID provider."""
