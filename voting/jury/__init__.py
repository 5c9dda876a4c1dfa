"""Juries: sheets, the rules that make figures of them, and what a chair may look at before the seal."""
