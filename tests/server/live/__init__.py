"""The live path: frames, shells, conformance."""
