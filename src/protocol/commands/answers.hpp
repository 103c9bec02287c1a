/// Encodes the answers of commands for REST, `Gateway::call` and the WebSocket.
#pragma once

#include <cariosan/commands.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_objects.hpp"

namespace cariosan::engine {
class EngineImpl;
}

namespace cariosan::protocol {

/// What the answer depends on besides the outcome. Taken from the command before it is submitted.
struct AnswerView {
    Viewer viewer;
    bool towards_newer = false;  ///< a page of messages requested with `after`
    /// The epoch of the revisions in the answer, unless the answer has its own. Should it change while the command runs, clients
    /// only read once more than necessary.
    std::string epoch{};

    static AnswerView of(const Caller& caller, const Command& command, const engine::EngineImpl& engine);
};

int answer_status(const CommandRow& row, const Outcome& outcome) noexcept;

/// The JSON text of an answer; empty if it has no body.
std::string answer_text(const Answer& answer, const AnswerView& view);

/// JSON, one value per line.
inline constexpr std::string_view kLinesType = "application/x-ndjson";
/// The records of a page as lines.
std::string record_lines(const Page<UserRecord>& page);

/// The `data` of the `ack` to a frame.
std::string ack_data(const CommandRow& row, const Outcome& outcome, const AnswerView& view);

}  // namespace cariosan::protocol
