"""How clauses are found: reading, structure, qualifiers, quantities and tagging."""
