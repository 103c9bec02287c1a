/// Encodes the answers of commands for REST, `Gateway::call` and the WebSocket.
#pragma once

#include <cariosan/commands.hpp>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_objects.hpp"

namespace cariosan::engine {
class EngineImpl;
}

namespace cariosan::protocol {

/// Whether the answer consists of channels: the epoch of their revisions is written beside them. Other answers with revisions
/// contain their epoch.
template <class T>
inline constexpr bool kNeedsEpoch = std::same_as<T, Channel> || std::same_as<T, Page<Channel>> || std::same_as<T, MyChannel> ||
                                    std::same_as<T, Page<MyChannel>>;

/// What the answer depends on besides the outcome. Taken from the command before it is submitted.
struct AnswerView {
    Viewer viewer;
    bool towards_newer = false;  ///< a page of messages requested with `after`
    /// For answers that need it (`kNeedsEpoch`). Should it change while the command runs, clients
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
