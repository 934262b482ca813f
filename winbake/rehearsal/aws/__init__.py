"""The rehearsal's AWS: moto behind boto3, with simulated Windows hosts behind its instances."""
