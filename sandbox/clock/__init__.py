"""EventBridge Scheduler of the local cloud: its API, and a clock that does what schedules say when they are due."""
