// SPDX-License-Identifier: GPL-3.0-or-later
// Functions that exported programs bring along, for what no library has in a word.
#include "engine/export/python_program.h"
#include "engine/export/python_words.h"

namespace cubeloom {
namespace {

constexpr const char* kAsType = R"py(
def as_type(array, dtype, nodata=None):
    """The array in another pixel type: numbers are rounded and kept within its range, NaN becomes nodata."""
    if numpy.dtype(dtype).kind in 'iu' and array.dtype != numpy.dtype(dtype):
        range_of = numpy.iinfo(dtype)
        if array.dtype.kind == 'f':
            array = numpy.sign(array) * numpy.floor(abs(array) + 0.5)
        array = array.clip(range_of.min, range_of.max)
    if nodata is not None:
        array = array.fillna(nodata)
    elif numpy.dtype(dtype).kind in 'iu':
        array = array.fillna(0)
    array = array.astype(dtype)
    array.attrs = {name: value for name, value in array.attrs.items() if name not in ('_FillValue', 'grid_mapping', 'long_name')}
    array.encoding = {}
    return array
)py";

// The one place where a program calls the engine.
constexpr const char* kByCubeloom = R"py(
def by_cubeloom(step, *inputs, writes=False):
    """Lets Cubeloom's engine do one step. Arrays travel through files, which go when this program ends."""
    folder = tempfile.TemporaryDirectory(prefix='cubeloom-')
    atexit.register(folder.cleanup)
    words = []
    for i, (array, dtype, nodata) in enumerate(inputs, 1):
        stored = as_type(array, dtype, nodata).rename('values')
        stored.attrs = {name: value for name, value in stored.attrs.items() if not isinstance(value, (dict, tuple))}
        stored.encoding = {'_FillValue': nodata}
        if 'spatial_ref' in stored.coords:
            stored.encoding['grid_mapping'] = 'spatial_ref'
        for name in stored.coords:
            stored[name].encoding = {}
            stored[name].attrs.pop('gcps', None)
        stored.to_netcdf(f'{folder.name}/in{i}.nc')
        words += ['!', f'in{i}=', 'open', f'{folder.name}/in{i}.nc', 'decode=false']
    command = [os.environ.get('CUBELOOM_CLI', 'cubeloom-cli'), 'run', '--progress', 'none']
    result = [] if writes else ['!', 'write', f'{folder.name}/out.nc']
    subprocess.run([*command, *words, '!', *step, *result], check=True)
    if writes:
        return None
    result = xarray.open_dataset(f'{folder.name}/out.nc', decode_coords='all', chunks={})
    return result[next(iter(result.data_vars))]
)py";

struct Function {
  const char *name, *text;
};
constexpr Function kFunctions[] = {{"by_cubeloom", kByCubeloom}, {"as_type", kAsType}};  // who calls stands before who is called

}  // namespace

std::string pythonFunctions(const std::string& code) {
  std::string needed = code, text;
  for (const Function& function : kFunctions) {
    if (!identifiersIn(needed).contains(function.name)) continue;
    needed += function.text;
    text = std::string(function.text) + "\n" + text;
  }
  return text;
}

}  // namespace cubeloom
