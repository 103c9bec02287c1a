/// Reports with what they are about.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>

namespace cariosan::core {

/// The report, with the message as it is now.
Result<std::optional<Report>> find_report(Reader& reader, WorkspaceId workspace, ReportId id);
/// Adds the message as it is now, if there still is one.
Result<Done> add_message(Reader& reader, Report& report);

}  // namespace cariosan::core
