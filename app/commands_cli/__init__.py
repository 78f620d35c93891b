"""The commands of the command line; each takes the parsed options and the output and returns an exit code."""
