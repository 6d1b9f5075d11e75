"""Two sites that let people sign in with OneID: code to copy, and what ``make run`` starts beside the service."""
