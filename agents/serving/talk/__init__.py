"""What the service adds for people who type: what a message means here, what fits it, and what is replied."""
