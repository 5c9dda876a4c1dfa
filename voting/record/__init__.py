"""The public record of an award: canonical JSON, receipts, Merkle trees, the log, and what is published."""
