"""Recovery, computed: what RTO and RPO a program's settings give, per workload and disruption."""
