#include "capi/parts/host_parts.hpp"

#include <cariosan/clock.hpp>
#include <chrono>
#include <new>
#include <string>

#include "capi/items/outputs.hpp"
#include "capi/parts/table_attachments.hpp"
#include "capi/parts/table_bus.hpp"
#include "capi/parts/table_moderator.hpp"
#include "capi/parts/table_senders.hpp"

namespace cariosan::capi {
namespace {

class TableClock final : public Clock {
  public:
    explicit TableClock(const cariosan_clock_part& part) : part_(part) {}
    Timestamp now() override { return {part_.now_ms(part_.context)}; }
    std::chrono::milliseconds elapsed() override { return std::chrono::milliseconds(part_.elapsed_ms(part_.context)); }

  private:
    const cariosan_clock_part part_;
};

LogSink table_log(const cariosan_log_part& part) {
    return [part](const LogRecord& record) {
        try {
            const std::string line = log_line(record, 0);
            part.write(part.context, line.c_str(), line.size());
        } catch (const std::bad_alloc&) {
            // A line less.
        }
    };
}

}  // namespace

void add_tables(const HostTables& tables, const std::shared_ptr<Questions>& questions, Options& options) {
    EngineOptions& engine = options.engine;
    if (tables.log) engine.log = table_log(*tables.log);
    if (tables.clock) engine.clock = std::make_shared<TableClock>(*tables.clock);
    if (tables.moderator) engine.moderator = table_moderator(*tables.moderator, questions, engine.max_moderator_drafts);
    if (tables.attachments) engine.attachments = table_attachments(*tables.attachments);
    if (tables.push) engine.push = table_push(*tables.push, questions);
    if (tables.webhooks) engine.webhooks = table_webhooks(*tables.webhooks, questions);
    if (tables.event_bus) engine.event_bus = std::make_shared<TableBus>(*tables.event_bus);
}

}  // namespace cariosan::capi
