"""One address for all services of the local cloud, and the place where its faults are made."""
