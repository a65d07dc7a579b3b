"""What `make` runs: the way from a bare Python, embedded servers, the supervisor, the tests."""
