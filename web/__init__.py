"""Flask: pages, the JSON API, the conversation gateway and the command line."""
