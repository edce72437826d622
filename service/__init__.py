"""Who asks: screening, command line, HTTP API and report."""
