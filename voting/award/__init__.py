"""How an award is decided: its rules as one frozen text, its figures, its ties, its reveal."""
