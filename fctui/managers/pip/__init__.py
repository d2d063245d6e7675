"""pip packages: wheels and sdists, resolved by uv or pip for the target."""
