"""What Clausier reads and what it calls it: document types, findings, taxonomy, examples."""
