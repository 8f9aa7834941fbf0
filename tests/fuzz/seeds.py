# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fuzzer begins with: files of tests/data, or lines that users write. seeds.py NAME FOLDER"""
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / 'tests/data'
FILES = {
    'fuzz_envi_header': [(DATA, '*.hdr')],
    'fuzz_kerchunk': [(DATA, '*kerchunk*.json'), (DATA, '*ref*.json')],
    'fuzz_catalog': [(DATA / 'stac', '*.json'), (DATA, '*.yaml'), (DATA, '*.yml')],
    'fuzz_zarr_array': [(DATA, '.zarray'), (DATA, 'zarr.json')],
    'fuzz_netcdf3_header': [(DATA, 'classic.nc'), (DATA, 'offset64.nc'), (DATA, 'cdf5.nc')],
    'fuzz_chain': [(ROOT / 'resources/chains', '*.cubeloom')],
}
LINES = {
    'fuzz_expression': ['(nm(865) - nm(650)) / (nm(865) + nm(650))', 'b1 > 0.3 && !isnodata(in2.b2) ? fill(x, 0) : nan', 'a=band("B04") & ~b2 << 3; b=not mean(b1, 2) or xor(b1, 1)', 'where(b1 <= -1e-3, atan2(b1, pi), b2 ** 2 % 3)'],
    'fuzz_dates': ['2022-02-24T18:37:19.25Z', '2000-03', '20000102', 'days since 1970-01-01', 'months since 0000-01-31 00:00:00 -08:00', 'hours since 1900-1-1'],
    'fuzz_pipeline': ['!\nopen\ncube.hdr\n!\nisel\ntime=0\n!\nreproject\ncrs=EPSG:32610\nresolution=25\n!\nwrite\nout.tif\nformat=COG',
                      'a=\nopen\na.tif\n!\nb=\nopen\nb.tif\n!\ncalc\n[a]\n[b]\nexpression=in2.x\n!\nreproject\nlike=a', 'open\na.tif\n!\ncalc\nexpression=b1 + in2.b1\n!\nclip\nbounds=1,2,3,4'],
}

name, folder = sys.argv[1], Path(sys.argv[2])
texts = [line.encode() for line in LINES.get(name, [])]
texts += [path.read_bytes()[:16384] for where, pattern in FILES.get(name, []) for path in sorted(where.rglob(pattern))]
assert texts, f'no seeds for {name}'
for text in texts:
    (folder / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)
