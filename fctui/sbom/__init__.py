"""What is in a bundle, for others: its packages with purls, hashes and licences."""
