"""What an award needs of files, paper and the store."""
