"""The command line: `stanchion preview | up | destroy` and what installed packages add to it."""
