"""Who is told what, by which channel: routes, messages, deliveries and every attempt of them."""
