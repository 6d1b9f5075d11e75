"""The audit log: what happened to sites, records, accounts and devices, sealed so that a later change of it shows."""
