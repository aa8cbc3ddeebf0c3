"""Networks that give a vector for each entity."""
