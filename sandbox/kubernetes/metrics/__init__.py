"""What pods on process nodes use, as the API that autoscalers and `kubectl top` ask for it."""
