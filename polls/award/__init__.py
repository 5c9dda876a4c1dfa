"""Awards: a jury's rounds, the hall's vote between the finalists, and the rules that combine them."""
