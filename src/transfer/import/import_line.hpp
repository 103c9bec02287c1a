/// One line of an import file. Section 13 of the protocol.
#pragma once

#include <cariosan/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace cariosan::transfer {

struct ImportLine {
    std::string channel;
    std::string user;
    std::string text;
    Timestamp at;
    std::optional<std::string> id;        ///< a number is kept as its digits
    std::optional<std::string> reply_to;  ///< in the same form
};

/// What is wrong with a line, to be read by people.
struct ImportFault {
    std::string reason;
};

/// Parses `{"channel","ts","user","text","id"?,"reply_to"?}`; ignores other fields.
std::variant<ImportLine, ImportFault> parse_import_line(std::string_view json);

/// What `reply_to` calls this line: its id, or else its line number.
std::string import_name(const ImportLine& line, std::int64_t number);

/// The idempotency key of a message: `import:<source>:<name>`, where the name is its `import_name`. A source that contains
/// a colon would be ambiguous, so it is preceded by its size: `import+<bytes>:<source>:<name>`.
std::string import_key(std::string_view source, std::string_view name);

}  // namespace cariosan::transfer
