"""Maven: jars, resolved by the real mvn from a POM that runs nobody's code."""
