"""The Keychain: answers for websites whether a user really signed a nonce."""
