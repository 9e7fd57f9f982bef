"""A first declaration for one's own table, and everything that is wrong with one."""
