"""What a chat is: data and rules, without a database, a network or a clock of their own."""
