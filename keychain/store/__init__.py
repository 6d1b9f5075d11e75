"""Tables, engines and transactions. It knows how to keep things, not what they mean."""
