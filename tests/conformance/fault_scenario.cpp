#include "conformance/fault_scenario.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::test {
namespace {

/// Few, because every delivery adds a step that can fail.
constexpr WebhookEvents kWanted{WebhookEvent::message_created, WebhookEvent::member_left};

std::size_t events_for(WebhookEvents wanted, const Mutation& mutation, const Committed& committed) {
    std::size_t count = 0;
    for (const OutboxEvent& event : outbox_events(mutation, committed)) {
        if (wanted.contains(event.event)) ++count;
    }
    return count;
}

}  // namespace

void FaultScenario::commit(std::vector<Mutation> batch) {
    const auto answers = world_.commit(batch);
    check_answers(model_, batch, answers);
    const auto failed = [](const auto& answer) {
        return !answer.ok() && answer.error().code == ErrorCode::unavailable;
    };
    const auto lost = std::ranges::count_if(answers, failed);
    if (lost > 0 && std::cmp_less(lost, answers.size())) ++isolated_;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (answers[i].ok()) deliveries_ += events_for(kWanted, batch[i], *answers[i]);
        if (!answers[i].ok()) CHECK(answers[i].error().detail("outcome") == nullptr);
        if (!answers[i].ok() && std::holds_alternative<mutation::SendMessage>(batch[i])) {
            failed_sends_.push_back(batch[i]);
        }
    }
}

Mutation FaultScenario::keyed(mutation::SendMessage send) {
    send.idempotency_key = send.id.to_string() + std::to_string(++keys_);
    return send;
}

void FaultScenario::prepare() {
    users_ = world_.add_users(4);
    model_.users = {users_.begin(), users_.end()};
    // Webhooks of earlier runs would receive everything, too.
    const auto old = world_.read([&](Reader& r) { return must(r.outbox().list(world_.workspace, std::nullopt, 10)); });
    for (const Webhook& each : old) world_.run(mutation::DeleteWebhook{world_.workspace, each.id});
    const auto webhook = world_.webhook(kWanted);
    world_.run(webhook);
    webhook_ = webhook.id;
    const auto first = world_.group({users_[0], users_[1], users_[2]});
    const auto second = world_.group({users_[1], users_[0]});
    commit({first, second});
    one_ = first.new_id;
    two_ = second.new_id;
    REQUIRE(model_.channels.size() == 2);
}

void FaultScenario::run() {
    mutation::SendMessage mentioning = world_.message(one_, users_[1], kOddText);
    mentioning.mentions = {{users_[0], "", ""}, {users_[2], "", ""}};
    mutation::SendMessage reply = world_.message(one_, users_[0]);
    reply.parent = mentioning.id;
    commit({keyed(world_.message(one_, users_[0])), keyed(mentioning), keyed(reply),
            keyed(world_.message(two_, users_[1])), world_.reading(one_, users_[2]),
            world_.reading(two_, users_[0])});
    auto group = world_.group({users_[3], users_[0]});
    mutation::UpdateChannel rename{.workspace = world_.workspace, .channel = two_, .name = kOddText};
    rename.at = world_.tick();
    commit({world_.adding(one_, {users_[3]}), group, keyed(world_.message(one_, users_[3])), rename,
            world_.role(two_, users_[0], Role::admin), keyed(world_.message(group.new_id, users_[3]))});
    mutation::SetPreferences mute{
        .workspace = world_.workspace, .channel = one_, .user = users_[1], .muted = true};
    commit({world_.removing(one_, users_[2]), mute, keyed(world_.message(one_, users_[2])),
            keyed(world_.message(two_, users_[0])), world_.removing(two_, users_[1]),
            world_.adding(two_, {users_[1], users_[2]})});
    commit(
        {mutation::DeleteChannel{.workspace = world_.workspace, .channel = group.new_id, .at = world_.tick()},
         keyed(world_.message(two_, users_[0]))});
    commit({keyed(world_.message(two_, users_[0]))});
    change_messages(mentioning.id);
    use_webhooks();
    for (int i = 0; i < 8; ++i) static_cast<void>(world_.storage().maintain());
}

void FaultScenario::change_messages(MessageId mentioning) {
    Message message;
    message.channel_id = one_;
    message.id = mentioning;
    commit({world_.editing(message, users_[1], "edited"), world_.reacting(message, users_[0], "a"),
            world_.reacting(message, users_[1], "b"), world_.editing(message, users_[0], "not the author")});
    commit({world_.reacting(message, users_[0], "b"), world_.unreacting(message, users_[1], "b"),
            keyed(world_.message(one_, users_[1]))});
    commit({world_.deleting(message, users_[0]), keyed(world_.message(one_, users_[0]))});
}

void FaultScenario::use_webhooks() {
    const Uuid owner = id_of<UserId>(1'000'000).uuid;
    const Timestamp now = world_.tick();
    const auto leased =
        world_.attempt(mutation::LeaseWebhooks{owner, now, Timestamp{now.milliseconds + 30'000}, 10});
    if (!leased.ok()) return;
    auto reader = world_.storage().open_reader();
    if (!reader || !(*reader)->begin()) return;
    const auto due = (*reader)->outbox().due(webhook_, now, {}, false, 3);
    (*reader)->end();
    if (!due.ok() || due->size() < 3) return;
    mutation::FinishDeliveries finish{.webhook = webhook_, .owner = owner};
    using Outcome = DeliveryResult::Outcome;
    finish.results = {{.row = (*due)[0].row, .outcome = Outcome::delivered, .at = now},
                      {.row = (*due)[1].row, .outcome = Outcome::retry, .next_attempt_at = now, .at = now},
                      {.row = (*due)[2].row, .outcome = Outcome::failed, .error = "no answer", .at = now}};
    if (world_.attempt(finish).ok()) finished_ += 2;
    static_cast<void>(world_.attempt(mutation::UpdateWebhook{
        .workspace = world_.workspace, .webhook = webhook_, .url = "https://shop.example/other", .at = now}));
}

/// Everything acknowledged has a pending delivery, and nothing else does.
void FaultScenario::check_outbox() {
    const auto pending = world_.read([&](Reader& r) {
        return must(r.outbox().due(webhook_, Timestamp{4'000'000'000'000}, {}, false, 10'000)).size();
    });
    CHECK(pending == deliveries_ - finished_);
}

void FaultScenario::check() {
    check_outbox();
    check_channels(world_, model_);
    const auto repeated = std::exchange(failed_sends_, {});
    for (const Mutation& send : repeated) commit({send});
    for (const Mutation& send : failed_sends_) CHECK(code_of(world_.attempt(send)) != ErrorCode::unavailable);
    check_outbox();
    check_channels(world_, model_);
}

}  // namespace cariosan::test
