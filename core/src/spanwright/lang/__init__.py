"""Language-neutral rules, and the modules under which the languages' own data is found."""
