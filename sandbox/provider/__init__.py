"""The `aws` provider of the local cloud: one declarative row per resource type, one engine over botocore."""
