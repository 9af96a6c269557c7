"""The outside: routes and events, which translate and decide nothing."""
