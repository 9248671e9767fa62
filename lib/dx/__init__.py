"""The runtime's own features, beyond what Python 3.14 has."""
