"""A planner that knows the population and its rules, and the person only by what was seen: a bound to be reached."""
