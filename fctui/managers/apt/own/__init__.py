"""apt without apt: a suite's signed index and install sets on hosts that have neither."""
