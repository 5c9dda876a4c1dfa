"""Awards: the hall's vote, shortlists, the rules that combine, ties, the result and its reveal."""
