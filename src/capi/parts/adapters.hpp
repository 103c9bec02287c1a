/// The adapters that the options of an engine name.
#pragma once

#include "capi/options.hpp"

namespace cariosan::capi {

/// Opens them and puts them into `options.engine`, whose crypto and log are set; those of the host that are there already stay.
/// Errors name the option.
Result<Done> add_adapters(Options& options);

}  // namespace cariosan::capi
