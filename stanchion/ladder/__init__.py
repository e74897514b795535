"""When an endpoint goes down its ladder, and when it comes back up."""
