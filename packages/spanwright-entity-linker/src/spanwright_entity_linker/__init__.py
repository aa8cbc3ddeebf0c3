"""The EntityLinker architecture, knowledge bases and the component entity_linker."""
