"""Which households a call is about: criteria, nominations, the roster."""
