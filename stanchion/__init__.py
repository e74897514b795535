"""The core: decisions about models, data, objectives and money. No pulumi, no boto3."""
