"""The Pulumi engine for machines that have none: found, downloaded or built, with a language host of our own."""
