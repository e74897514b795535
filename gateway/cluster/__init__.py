"""What the cluster says of itself: its API, asked and watched."""
