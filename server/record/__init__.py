"""The record on the disk and on its way out: the signing key, the zip, and the recount that reads it."""
