"""The page in the browser: a small local server, and the plain JavaScript that it serves."""
