"""Rehearsals: simulated phones and a simulated moderator against a running server."""
