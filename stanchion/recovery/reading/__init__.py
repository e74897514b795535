"""Reading resources whose settings AWS spreads over several types: what mechanisms and rules share."""
