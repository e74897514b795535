"""What reports are asked from: views of the events in Athena's SQL, one file each, and what renders them."""
