"""The report: what is in a bundle as one HTML file, for people who were not there."""
