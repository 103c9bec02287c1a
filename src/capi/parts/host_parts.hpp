#pragma once

#include <memory>

#include "capi/options.hpp"
#include "capi/parts/questions.hpp"
#include "capi/parts/host_tables.hpp"

namespace cariosan::capi {

/// Puts the parts of a host into `options.engine`, before the adapters, which use clock and log.
void add_tables(const HostTables& tables, const std::shared_ptr<Questions>& questions, Options& options);

}  // namespace cariosan::capi
