"""From a bundle to zip archives: the same bundle gives the same bytes on every machine."""
