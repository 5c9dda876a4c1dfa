"""How an award is voted on and decided."""
