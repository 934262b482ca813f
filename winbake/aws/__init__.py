"""What winbake does in EC2, S3 and Route 53, all of it through boto3."""
