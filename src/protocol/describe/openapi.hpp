/// /openapi.json: the REST interface as an OpenAPI 3.1 document, made from the command table.
#pragma once

#include <cariosan/limits.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {

/// What an engine with these limits, which takes uploads of these types, serves.
std::string openapi_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types);

/// `components.schemas`: one JSON object with a JSON Schema for each object of the protocol, and for what fields may hold.
std::string openapi_schemas(const Limits& limits, std::span<const std::string> attachment_types);

/// The objects of the protocol alone, as members of that object; limits stand in it by name.
std::string_view openapi_shapes();

/// `components.responses`: one for each status of an error. The other refers to one of them, which must be there.
void append_error_answers(std::string& out);
std::string error_answer_reference(int status);

/// The paths that are no commands.
void append_open_paths(ObjectWriter& paths);

/// The members of the document that are the same for every engine.
struct OpenApiFrame {
    std::string_view info;
    std::string_view tags;
    std::string_view security_schemes;
};
const OpenApiFrame& openapi_frame();

}  // namespace cariosan::protocol
