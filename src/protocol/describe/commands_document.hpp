/// What a host in the same process can call and gets told, as JSON: generated from the tables that /openapi.json and /asyncapi.json
/// come from.
#pragma once

#include <cariosan/limits.hpp>
#include <span>
#include <string>
#include <vector>

#include "protocol/commands/command_table.hpp"

namespace cariosan::protocol {

/// One JSON object for an engine with these limits and these types of attachments:
///
///     "commands"    [{"name","summary","callers","changes","fields","answer","errors"}]
///     "events"      [{"type","summary","frame"}]
///     "errors"      [{"code","meaning"}]
///     "components"  {"schemas":{…}}, which the schemas refer to
///
/// `fields`, `answer` and `frame` are JSON Schemas; `answer` is null where there is none.
std::string commands_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types);

/// Every code that `Gateway::call` can answer this command with.
std::vector<ErrorCode> call_errors(const CommandRow& row);

}  // namespace cariosan::protocol
