"""How anyone hears of trouble: topics by severity and log groups."""
