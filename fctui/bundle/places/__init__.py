"""Programs with compiled-in places, made to find what they need below the code directory.

Which they are is data, in `data/places.toml`; each rule tells its reason and its source.
"""
