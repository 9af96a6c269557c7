"""What can be done. Each service is handed what it needs and knows no HTTP, no socket and no database."""
