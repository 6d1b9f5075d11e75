"""Flask: one blueprint per door. Views are straight-line code; the rules of the wire stand in one file each."""
