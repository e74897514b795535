"""What CloudWatch is told of a gateway, so that alarms can be declared: counted beside requests, put once a minute."""
