# SPDX-License-Identifier: GPL-3.0-or-later
"""Cubeloom in Python: arrays of chains and rasters for xarray, runs, and chains as code.

    import xarray as xr, cubeloom
    ds = xr.open_dataset("campaign.cubeloom", engine="cubeloom", chunks={})
    cubeloom.run("campaign.cubeloom", workers=6, memory="12GiB")
    chain = cubeloom.chain().open("x.hdr").transpose("wavelength", "y", "x").reproject(crs=32610, resolution=500)

Where the package is not installed but only on PYTHONPATH, say engine=cubeloom.XarrayBackend.
"""
from .backend import CubeloomBackendEntrypoint, XarrayBackend
from .chains import Chain, chain
from .engine import shutdown
from .errors import (CanceledError, CubeloomError, EngineMissingError, InvalidChainError, OpenError, OverBudgetError, ReadError,
                     WriteError)
from .opening import open_dataset
from .program import configure, find_program, operations
from .runs import plan, run

__version__ = '0.1.0'
__all__ = ['CanceledError', 'Chain', 'CubeloomBackendEntrypoint', 'CubeloomError', 'EngineMissingError', 'InvalidChainError', 'OpenError',
           'OverBudgetError', 'ReadError', 'WriteError', 'XarrayBackend', 'chain', 'configure', 'find_program', 'open_dataset',
           'operations', 'plan', 'run', 'shutdown']
