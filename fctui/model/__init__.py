"""The nouns of fctui: frozen records and pure functions over them, without any I/O."""
