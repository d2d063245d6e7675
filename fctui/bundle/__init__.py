"""The plan made real: plan, build in a staging directory, swap, links, environment, manifest."""
