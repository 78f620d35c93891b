"""What a planner knows: layers, policy, checks, papers. No Qt."""
