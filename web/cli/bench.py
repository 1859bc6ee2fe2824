"""`hotline bench`."""

import click


@click.command()
def bench() -> None:
    """测速。"""
