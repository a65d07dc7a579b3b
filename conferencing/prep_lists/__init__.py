"""The prep list: frozen from the roster, mailed at least two days before the call."""
