# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what is no path of one file: pipelines, patterns, documents."""
from __future__ import annotations

from typing import Any, Optional

import xarray as xr

from .arrays import Place, PlaceLike
from .backend import CubeloomBackendEntrypoint
from .chains import Chain


def open_dataset(chain: 'PlaceLike | Chain', *, node: Optional[str] = None, chunks: Any = None, **options: Any) -> xr.Dataset:
    """As xr.open_dataset(chain, engine="cubeloom"), also for a `!` pipeline, several files by `*`, or a chain document.

    xarray takes every text for the path of one file; this does not. Further options as for xr.open_dataset.
    """
    place = chain if isinstance(chain, Chain) else Place(chain)
    return xr.open_dataset(place, engine=CubeloomBackendEntrypoint, node=node, chunks=chunks, **options)
