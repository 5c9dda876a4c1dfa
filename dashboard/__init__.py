"""How it is shown: audience cuts, views, figures, tables and words. Pure."""
