"""Commands of the `spanwright` command line: a module each, imported when it runs."""
