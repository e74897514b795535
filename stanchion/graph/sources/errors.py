"""What a source of a graph can't be read for."""

from stanchion.errors import StanchionError

HOW = (
    "Make one with `pulumi preview --json --show-sames > plan.json`, or, of what is deployed, with "
    "`pulumi stack export > export.json`."
)


class GraphSourceError(StanchionError):
    """A file is no preview and no state of Pulumi, or not a whole one."""
