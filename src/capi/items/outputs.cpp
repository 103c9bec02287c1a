#include "capi/items/outputs.hpp"

#include <utility>

#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

constexpr std::size_t kMaxLines = 1'000;

}  // namespace

std::string log_line(const LogRecord& record, std::int64_t dropped) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& line) {
        line.string("level", to_string(record.level));
        line.string("event", record.event);
        protocol::write_object(line.key("fields"), [&](protocol::ObjectWriter& fields) {
            for (const LogRecord::Field& field : record.fields) {
                if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
                    fields.integer(field.name, *number);
                } else {
                    fields.string(field.name, std::get<std::string>(field.value));
                }
            }
        });
        if (dropped > 0) line.integer("dropped", dropped);
    });
    return out;
}

Result<TicketRef> Outputs::take_ticket(std::uint64_t number) {
    if (++open_tickets_ > max_tickets_) {
        --open_tickets_;
        return Error(ErrorCode::unavailable, "too many tickets are unanswered, at most " + std::to_string(max_tickets_) + ": poll")
            .with("limit", static_cast<std::int64_t>(max_tickets_));
    }
    try {
        return TicketRef(std::make_shared<const Ticket>(open_tickets_, number));
    } catch (...) {
        --open_tickets_;
        throw;
    }
}

void Outputs::push(Output output) {
    bool was_empty = false;
    {
        const std::lock_guard lock(mutex_);
        was_empty = waiting_.empty();
        waiting_.push_back(std::move(output));
    }
    if (was_empty) filled_();
}

std::optional<Output> Outputs::pop() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    std::optional<Output> first(std::move(waiting_.front()));
    waiting_.pop_front();
    if (std::holds_alternative<LogOutput>(*first)) --lines_;
    return first;
}

std::size_t Outputs::drop_texts(const MountedConnection& session) {
    std::size_t bytes = 0;
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const Output& output) {
        const auto* text = std::get_if<TextOutput>(&output);
        if (text == nullptr || text->session.get() != &session) return false;
        bytes += text->payload.size();
        return true;
    });
    return bytes;
}

bool Outputs::empty() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty();
}

void Outputs::log(const LogRecord& record) noexcept {
    if (++lines_ > kMaxLines) {
        --lines_;
        ++dropped_lines_;
        return;
    }
    const std::int64_t dropped = dropped_lines_.exchange(0);
    try {
        push(LogOutput{log_line(record, dropped)});
    } catch (...) {
        --lines_;
        dropped_lines_ += dropped + 1;
    }
}

}  // namespace cariosan::capi
