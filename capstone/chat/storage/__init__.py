"""Where things are kept: MongoDB for what must last, Redis for what is of this moment."""
