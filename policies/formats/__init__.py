"""How `stanchion check` writes what it found, one module a format."""
