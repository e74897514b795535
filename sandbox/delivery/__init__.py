"""What services of the local cloud deliver by themselves: to which target, how often it is tried, where it ends."""
