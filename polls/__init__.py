"""What is asked: events, sessions, polls, options, papers and a poll's life. Pure: no input or output."""
