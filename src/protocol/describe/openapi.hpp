/// /openapi.json: the REST interface as an OpenAPI 3.1 document, generated from the command table.
#pragma once

#include <cariosan/limits.hpp>
#include <span>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {

/// The document for an engine with these limits and these types of attachments.
std::string openapi_document(const CommandTable& table, const Limits& limits, std::span<const std::string> attachment_types);

/// The JSON Schema of an object with these fields; `rules`: `CommandRow::body_rules`.
std::string fields_schema(const std::vector<Field>& fields, std::string_view rules);

/// `components.schemas`: a JSON object with a JSON Schema for each object of the protocol and each type of field value.
std::string openapi_schemas(const Limits& limits, std::span<const std::string> attachment_types);

/// Only the objects of the protocol, as members of that JSON object, with placeholders for limits.
std::string_view openapi_shapes();

/// `components.responses`: one for each error status. The second function refers to one of them, which must exist.
void append_error_answers(std::string& out);
std::string error_answer_reference(int status);

/// The paths that are not commands.
void append_open_paths(ObjectWriter& paths);
void append_file_path(ObjectWriter& paths);

/// The members of the document that are the same for every engine.
struct OpenApiFrame {
    std::string_view info;
    std::string_view tags;
    std::string_view security_schemes;
};
const OpenApiFrame& openapi_frame();

}  // namespace cariosan::protocol
