"""Reports of recovery estimates: sentences, tables, and one page to look at."""
