#include "capi/parts/table_senders.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <utility>

#include "capi/parts/answer_json.hpp"
#include "core/propagate.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

std::string push_json(const PushCall& call) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.string("device_token", call.device_token);
        object.string("sender_name", call.sender_name);
        object.id("channel", call.channel);
        object.id("message", call.message);
    });
    return out;
}

Result<PushAnswer> read_push_answer(const boost::json::object& answer) {
    constexpr std::pair<std::string_view, PushOutcome> kOutcomes[] = {{"delivered", PushOutcome::delivered},
                                                                      {"drop_token", PushOutcome::drop_token},
                                                                      {"retry", PushOutcome::retry},
                                                                      {"refused", PushOutcome::refused}};
    PushAnswer read;
    CARIOSAN_TRY(read.outcome, answer_word(answer, "outcome", kOutcomes));
    CARIOSAN_TRY(const auto retry_after, answer_number(answer, "retry_after_ms"));
    if (retry_after) read.retry_after = std::chrono::milliseconds(*retry_after);
    CARIOSAN_TRY(read.reason, answer_text(answer, "reason"));
    return read;
}

std::string webhook_json(const WebhookCall& call) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.string("url", call.url);
        protocol::write_array(object.key("secrets"), call.secrets, [](std::string& to, const std::string& secret) {
            protocol::append_json_string(to, secret);
        });
        object.string("event", call.event);
        object.string("event_id", call.event_id);
        object.time("at", call.at);
        object.string("body", call.body);
        if (!call.traceparent.empty()) object.string("traceparent", call.traceparent);
    });
    return out;
}

Result<WebhookAnswer> read_webhook_answer(const boost::json::object& answer) {
    constexpr std::int64_t kLowest = 100;
    constexpr std::int64_t kHighest = 599;
    WebhookAnswer read;
    CARIOSAN_TRY(const auto status, answer_number(answer, "status"));
    CARIOSAN_TRY(read.error, answer_text(answer, "error"));
    if (status.has_value() != read.error.empty()) return invalid_field("status", "an answer has a status, or an error");
    if (!status) return read;
    if (*status < kLowest || *status > kHighest) return invalid_field("status", "status must be one of HTTP");
    read.status = static_cast<int>(*status);
    return read;
}

/// Asks the host to send one thing: `Part` is the table, `read` reads the answer, `lost` is the one to a question that the engine
/// gives up.
template <class Sender, class Part, class Call, class Answer>
class TableSender final : public Sender {
  public:
    struct How {
        std::string (*json)(const Call&);
        Result<Answer> (*read)(const boost::json::object&);
        Answer lost;
    };

    TableSender(const Part& part, std::shared_ptr<Questions> questions, How how)
        : part_(part), questions_(std::move(questions)), how_(std::move(how)) {}
    ~TableSender() override { questions_->abandon(this); }

    void send(Call call, std::function<void(Answer)> done) override {
        const std::string text = how_.json(call);
        const std::uint64_t ticket = questions_->ask(
            this,
            [done, read = how_.read](const boost::json::object& answer) -> Result<std::function<void()>> {
                CARIOSAN_TRY(auto answered, read(answer));
                return std::function<void()>([done, answered = std::move(answered)] { done(answered); });
            },
            [done, lost = how_.lost] { done(lost); });
        part_.send(part_.context, ticket, text.c_str(), text.size());
    }

  private:
    const Part part_;
    const std::shared_ptr<Questions> questions_;
    const How how_;
};

using TablePush = TableSender<PushSender, cariosan_push_part, PushCall, PushAnswer>;
using TableWebhooks = TableSender<WebhookSender, cariosan_webhooks_part, WebhookCall, WebhookAnswer>;

}  // namespace

std::shared_ptr<PushSender> table_push(const cariosan_push_part& part, std::shared_ptr<Questions> questions) {
    return std::make_shared<TablePush>(
        part, std::move(questions),
        TablePush::How{push_json, read_push_answer, {.outcome = PushOutcome::retry, .reason = "the engine is closed"}});
}

std::shared_ptr<WebhookSender> table_webhooks(const cariosan_webhooks_part& part, std::shared_ptr<Questions> questions) {
    return std::make_shared<TableWebhooks>(
        part, std::move(questions),
        TableWebhooks::How{webhook_json, read_webhook_answer, {.status = 0, .error = "the engine is closed"}});
}

}  // namespace cariosan::capi
