"""What people want that no facet holds: notions of a catalogue, the items that have them, and how they are said."""
