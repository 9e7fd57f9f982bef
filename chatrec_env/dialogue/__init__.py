"""What the system believes and says: the dialogue manager, its tracker and its beliefs."""
