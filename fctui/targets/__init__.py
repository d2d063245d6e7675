"""The runtimes that bundles are made for, one TOML file each."""
