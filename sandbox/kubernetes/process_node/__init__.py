"""A small kubelet: pods that carry a command run as processes of this machine, all others in name only."""
