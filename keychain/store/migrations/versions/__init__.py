"""One file per step, numbered; each goes up and down."""
