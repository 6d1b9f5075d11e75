"""What a validation costs, against the raw limit of its two signatures, in one run: ``make bench``."""
