"""HTTP routes, one module per face: parse, call, render."""
