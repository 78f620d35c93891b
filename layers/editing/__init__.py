"""A planner's edit: prepared across the layers, warned about, saved as one transaction, told as history."""
