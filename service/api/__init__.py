"""The web door: JSON under /v1, and pages that work without scripts."""
