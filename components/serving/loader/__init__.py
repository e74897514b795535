"""What runs in front of a model server: it fetches the weights. Nothing in here is imported by a program of Pulumi."""
