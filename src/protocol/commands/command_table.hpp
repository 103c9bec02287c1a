/// The table of commands: each is named once, and REST, WebSocket, `Gateway::call` and /openapi.json follow from its
/// row.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/commands/field.hpp"

namespace cariosan::protocol {

/// The kinds of callers that may use a row, as a set.
class Callers {
  public:
    constexpr Callers(Caller::Kind kind) : bits_(bit(kind)) {}
    constexpr Callers operator|(Callers other) const {
        return Callers(static_cast<std::uint8_t>(bits_ | other.bits_));
    }
    constexpr bool contains(Caller::Kind kind) const { return (bits_ & bit(kind)) != 0; }

  private:
    constexpr explicit Callers(std::uint8_t bits) : bits_(bits) {}
    static constexpr std::uint8_t bit(Caller::Kind kind) {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
    }
    std::uint8_t bits_;
};

/// A method and a path with fields as `{names}`. Fields that are not in the path come from the query (GET, DELETE) or from the
/// body (all others).
struct Route {
    std::string_view method;
    std::string_view path;

    bool has_body() const { return method != "GET" && method != "DELETE"; }
};

/// The success answer: a status, and the name of a schema in the OpenAPI document.
struct Answering {
    enum class Status : std::uint8_t { ok, created_or_ok, no_content };
    Status status = Status::ok;
    std::string_view schema;
};

/// The form of a WebSocket frame's `ack`.
enum class Ack : std::uint8_t {
    none,     ///< not a client frame
    durable,  ///< `{rev, message?, duplicate?}`
    answer,   ///< the same as the REST answer
};

struct CommandRow {
    std::string_view name;      ///< also the type of the WebSocket frame, if there is an `ack`
    std::string_view summary;   ///< one sentence
    std::vector<Route> routes;  ///< none: `Gateway::call` only
    Callers callers;
    std::vector<Field> fields;
    Command (*make)();  ///< the command with all fields at their defaults
    Answering answer;
    std::vector<ErrorCode> errors = {};  ///< besides those common to all requests, and those of `core::permission_of`
    /// Constraints between the fields of the body: an `allOf` of JSON Schemas, as text.
    std::string_view body_rules = {};
    Ack ack = Ack::none;
    /// The frame of another row is this command if its `data` has this member. It is acknowledged as REST answers.
    struct Frame {
        std::string_view type{};
        std::string_view member{};
    };
    Frame frame = {};
    bool lines = false;         ///< REST streams all pages as one body, with each record as one line of JSON
    bool issues_token = false;  ///< the answer is a token for the user found
    bool reads = false;         ///< has a body only because its fields are too long for a URL

    /// Whether the command does more than read.
    bool changes() const { return !reads && (routes.empty() || routes.front().method != "GET"); }
};

/// All rows; see commands.cpp.
std::vector<CommandRow> command_rows();

/// Immutable after construction.
class CommandTable {
  public:
    CommandTable();
    CommandTable(const CommandTable&) = delete;
    CommandTable& operator=(const CommandTable&) = delete;

    const std::vector<CommandRow>& rows() const noexcept { return rows_; }
    /// Null if there is no such command.
    const CommandRow* find(std::string_view name) const;
    /// The command of a frame with this type and data (null: none). Null if there is no such frame.
    const CommandRow* find_frame(std::string_view type, const boost::json::object* data) const;

  private:
    std::vector<CommandRow> rows_;
    std::unordered_map<std::string_view, const CommandRow*> by_name_;
};

/// `FORBIDDEN` unless callers of this kind may use the row.
Result<Done> check_caller(const CommandRow& row, Caller::Kind caller);

/// Checks that the caller may use the row, then reads its fields. `FORBIDDEN`, `VALIDATION_ERROR` with `details.field`.
Result<Invocation> decode(const CommandRow& row, Caller::Kind caller, const Input& input);

}  // namespace cariosan::protocol
