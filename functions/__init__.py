"""Lambda handlers, one folder each: an event comes in, `stanchion` decides, calls to AWS go out."""
