/// /openapi.json: the REST interface as an OpenAPI 3.1 document, made from the command table.
#pragma once

#include <string>
#include <string_view>

#include "protocol/command_table.hpp"

namespace cariosan::protocol {

std::string openapi_document(const CommandTable& table);

/// `components.schemas`: one JSON object with a JSON Schema for each object of the protocol.
std::string_view openapi_schemas();

}  // namespace cariosan::protocol
