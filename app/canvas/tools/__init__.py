"""What the hand does on the map: one tool at a time, each in a file of its own."""
