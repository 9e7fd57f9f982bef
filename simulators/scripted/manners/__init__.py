"""What people do in a conversation besides wishing, answering and choosing: asking, naming, complaining, repairing."""
