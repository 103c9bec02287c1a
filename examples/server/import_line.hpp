/// One line of a file to import. Section 13 of the protocol.
#pragma once

#include <cariosan/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cariosan::server {

struct ImportLine {
    std::string channel;
    std::string user;
    std::string text;
    Timestamp at;
    std::optional<std::string> id;        ///< a number as its digits
    std::optional<std::string> reply_to;  ///< likewise
};

/// What is wrong with a line, for people.
struct ImportFault {
    std::string reason;
};

/// Reads `{"channel","ts","user","text","id"?,"reply_to"?}`; other fields are ignored.
std::variant<ImportLine, ImportFault> parse_import_line(std::string_view json);

/// What a line is called in `reply_to`: its id, or else its line number.
std::string import_name(const ImportLine& line, std::int64_t number);

/// The idempotency key of a message: `import:<source>:<name>`, where the name is its `import_name`. A source with a colon in it
/// could be taken for a shorter one with a longer name, so its size comes first: `import+<bytes>:<source>:<name>`.
std::string import_key(std::string_view source, std::string_view name);

/// The source of a file that was given none: its base name.
std::string import_source_of(const std::string& path);

/// Whether a text can be a source: 1–128 bytes of UTF-8 without control characters.
bool is_import_source(std::string_view text);

}  // namespace cariosan::server
