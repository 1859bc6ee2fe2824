"""`python -m web.cli` is `hotline`."""

from web.cli import main

main()
