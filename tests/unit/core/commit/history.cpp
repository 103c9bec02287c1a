#include "unit/core/commit/history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "unit/core/commit/check_rows.hpp"
#include "support/model/check_answers.hpp"

namespace cariosan::test {
namespace {

/// The text of an answer, without the `receipt_rev` that the receipts of one batch share.
std::string answer_text(const Result<Committed>& answer) {
    if (!answer) return std::string(to_string(answer.error().code)) + " " + answer.error().message;
    std::string text = std::to_string(answer->rev);
    for (const bool flag : {answer->changed, answer->created, answer->duplicate, answer->outbox}) text += flag ? '1' : '0';
    text += std::to_string(answer->object.index()) + answer->emoji;
    if (const auto* message = std::get_if<Message>(&answer->object)) {
        text += std::to_string(message->seq) + message->content + std::to_string(message->mentions.size());
        for (const Reaction& reaction : message->reactions) text += reaction.emoji + std::to_string(reaction.count);
        if (message->quoted_message) text += message->quoted_message->content + (message->quoted_message->hidden ? "h" : "");
    }
    if (const auto* moved = std::get_if<CommittedReceipt>(&answer->object)) {
        text += std::to_string(moved->state.unread_count) + "/" + std::to_string(moved->state.mention_count);
    }
    if (const auto* preferences = std::get_if<Preferences>(&answer->object)) {
        for (const bool flag : {preferences->muted, preferences->archived, preferences->pinned, preferences->marked_unread}) {
            text += flag ? '1' : '0';
        }
        text += std::to_string(preferences->preferences_rev);
    }
    if (const auto* all = std::get_if<CommittedReceipts>(&answer->object)) {
        for (const auto& [channel, moved] : all->places) {
            text += ' ' + channel.to_string() + (moved.delivered_moved ? '+' : '=') + std::to_string(moved.state.unread_count);
        }
    }
    return text;
}

MemoryRows without_receipt_revs(MemoryRows rows) {
    for (auto& [id, channel] : rows.channels.rows) channel.receipt_rev = 0;
    for (auto& [key, member] : rows.members) member.receipt_rev = 0;
    return rows;
}

/// A send with a new key only reads what its footprint names.
bool is_new_send(const Mutation& mutation, const Result<Committed>& answer) {
    const auto* send = std::get_if<mutation::SendMessage>(&mutation);
    return send != nullptr && !send->imported && (!send->idempotency_key || (answer && !answer->duplicate));
}

bool is_dry_run(const Mutation& mutation) {
    const auto* send = std::get_if<mutation::SendMessage>(&mutation);
    return send != nullptr && send->dry_run;
}

}  // namespace

Listeners::Listeners(const MemoryRows& rows) : deliveries_(rows.deliveries.rows.size()) {
    for (const auto& [id, webhook] : rows.webhooks.rows) {
        if (!webhook.enabled || webhook.deleted) continue;
        const auto pending = std::ranges::count_if(rows.deliveries.rows, [row = id](const auto& entry) {
            return entry.second.webhook == row && entry.second.status == DeliveryStatus::pending;
        });
        webhooks_.push_back({.row = id, .events = webhook.events, .pending = rows.first_pending + pending});
    }
}

void Listeners::deliver(WebhookEvent event) {
    bool overflows = false;
    for (Listener& webhook : webhooks_) {
        if (webhook.disabled || !webhook.events.contains(event)) continue;
        if (webhook.pending >= 100'000) {
            overflows = true;
            continue;
        }
        ++webhook.pending;
        ++deliveries_;
    }
    for (Listener& webhook : webhooks_) {
        if (overflows && webhook.pending >= 100'000) webhook.disabled = true;
    }
}

void Listeners::check(const Mutation& mutation, const Result<Committed>& answer, const MemoryRows& after) {
    const bool pings = std::holds_alternative<mutation::PingWebhook>(mutation);
    if (answer && answer->changed && pings) ++deliveries_;
    if (answer && answer->changed && !pings) {
        for (const OutboxEvent& event : outbox_events(mutation, *answer)) deliver(event.event);
    }
    REQUIRE(after.deliveries.rows.size() == deliveries_);
    for (const Listener& webhook : webhooks_) {
        const StoredWebhook& stored = after.webhooks.at(webhook.row);
        if (webhook.disabled) REQUIRE((!stored.enabled && stored.gives_up && stored.disabled_reason));
        if (std::holds_alternative<mutation::SendMessage>(mutation)) REQUIRE(stored.enabled == !webhook.disabled);
    }
}

History::History(unsigned seed, std::function<void(commit::Footprint&)> forget)
    : random_(make_, model_, seed), others_(make_, model_, random_) {
    tables_.names.leave_out = std::move(forget);
    // Some webhooks are nearly full when they are created.
    if (random_.roll(3) == 0) tables_.rows.first_pending = 100'000 - static_cast<std::int64_t>(random_.roll(6));
    const auto begin = [this](const Mutation& mutation) {
        commit::CommitBatch batch(tables_, {});
        REQUIRE(apply(batch, mutation).ok());
        batch.flush();
    };
    const mutation::CreateWorkspace first = make_.workspace_mutation();
    const mutation::CreateWorkspace second = make_.workspace_mutation();
    make_.workspace = first.workspace.id;
    others_.other_workspace = second.workspace.id;
    begin(first);
    begin(second);
    std::vector<UserId> users;
    for (const char* name : {"ann", "bob", "cat", "dan", "eve"}) {
        const mutation::UpsertUser upsert = make_.upserting(name);
        users.push_back(upsert.new_id);
        begin(upsert);
    }
    model_.users = {users.begin(), users.end()};
    begin(make_.webhook(WebhookEvents::of_bits(~0U)));
    random_.begin(users);
    for (int channels = 0; channels < 2; ++channels) {
        const Mutation channel = make_.group({users[0], users[1], users[2]});
        model_.apply(channel);
        begin(channel);
    }
}

Result<Committed> History::apply(commit::CommitBatch& batch, const Mutation& mutation) {
    done_.push_back(mutation);
    tables_.names.next(mutation);
    Result<Committed> answer = batch.apply(mutation);
    answers_.push_back(answer_text(answer));
    return answer;
}

void History::check_names() const {
    if (!tables_.names.leave_out) REQUIRE(tables_.names.fault == "");
}

Mutation History::any_import() {
    mutation::SendMessage send = random_.any_send();
    send.imported = true;
    send.author_is_member = send.as_user = false;
    send.parent.reset();
    send.push = false;
    send.dry_run = random_.roll(3) == 0;
    if (random_.roll(2) == 0) send.idempotency_key = "key" + std::to_string(random_.roll(8));
    if (send.idempotency_key && random_.roll(2) == 0) {
        send.parent_key = "key" + std::to_string(random_.roll(8));
        send.parent_follows = random_.roll(2) == 0;
    }
    return send;
}

Mutation History::any_refusal() {
    mutation::RecordModeration record;
    const auto fill = [&](auto refused) {
        refused.matches.push_back({.id = make_.next_id<ModerationRecordId>(), .excerpt = "***"});
        const auto later = static_cast<std::int64_t>(random_.roll(400));
        if (random_.roll(2) == 0) record.silence_until = Timestamp{refused.at.milliseconds + later};
        record.refused = std::move(refused);
    };
    if (random_.roll(2) == 0) {
        fill(random_.any_send());
    } else {
        fill(random_.any_edit());
    }
    return record;
}

Trial History::next() {
    const std::size_t kind = random_.roll(24);
    if (kind < 4) return others_.any(tables_.rows);
    if (!model_.erased.empty() && random_.roll(4) == 0) return others_.finish_deletion(tables_.rows);
    const std::size_t matches = tables_.rows.matches.size();
    Mutation mutation = kind == 4 ? any_refusal() : kind == 5 ? any_import() : random_.any();
    if (auto* send = std::get_if<mutation::SendMessage>(&mutation); send != nullptr && !send->imported) {
        send->push = random_.roll(2) == 0;
        send->dry_run = random_.roll(8) == 0;
        if (send->idempotency_key) send->idempotency_key = "key" + std::to_string(random_.roll(8));
    }
    if (random_.roll(60) == 0) mutation = mutation::DeleteUser{.workspace = make_.workspace, .user = random_.any_user(), .at = make_.tick()};
    if (auto* remove = std::get_if<mutation::DeleteUser>(&mutation)) remove->erase = random_.roll(2) == 0;
    return {mutation, [this, mutation, matches](const auto& answer, const MemoryRows& after) {
                check_answer(model_, mutation, answer);
                const bool recorded = std::holds_alternative<mutation::RecordModeration>(mutation) && answer.ok() && answer->changed;
                REQUIRE(after.matches.size() == matches + (recorded ? 1 : 0));
            }};
}

/// Restoring a savepoint leaves no trace of what was applied since.
void History::undo_one(commit::CommitBatch& batch) {
    auto before = batch.save();
    const MemoryRows rows = tables_.rows;
    const Trial undone = next();
    tables_.names.next(undone.mutation);
    static_cast<void>(batch.apply(undone.mutation));
    batch.flush();
    batch.restore(std::move(before));
    tables_.rows = rows;
    ++undone_;
}

/// A refused mutation leaves no trace, neither in the tables nor in what the batch has buffered.
void History::check_refused(commit::CommitBatch& batch, const Mutation& mutation) {
    batch.flush();
    const MemoryRows before = tables_.rows;
    const auto again = batch.apply(mutation);
    batch.flush();
    REQUIRE_FALSE(again.ok());
    REQUIRE(tables_.rows == before);
}

void History::step(commit::CommitBatch& batch) {
    if (random_.roll(24) == 0) undo_one(batch);
    const Trial trial = next();
    CAPTURE(done_.size());
    CAPTURE(trial.mutation.index());
    const std::int64_t writes = tables_.writes;
    const std::size_t while_deciding = tables_.names.while_deciding;
    Listeners listeners(tables_.rows);
    const Result<Committed> answer = apply(batch, trial.mutation);
    const bool is_refused = !answer.ok();
    // An import with a known key may link its parent, except in a dry run.
    if (is_refused || is_dry_run(trial.mutation)) REQUIRE(tables_.writes == writes);
    if (is_new_send(trial.mutation, answer)) REQUIRE(tables_.names.while_deciding == while_deciding);
    listeners.check(trial.mutation, answer, tables_.rows);
    check_names();
    trial.check(answer, tables_.rows);
    if (!is_refused) return;
    ++refused_;
    if (random_.roll(4) == 0) check_refused(batch, trial.mutation);
}

void History::run(std::size_t mutations) {
    const std::size_t end = done_.size() + mutations;
    while (done_.size() < end) {
        model_.begin_batch();
        commit::CommitBatch batch(tables_, {});
        for (std::size_t left = 1 + random_.roll(12); left > 0; --left) step(batch);
        batch.flush();
    }
    check_names();
    check_rows(tables_.rows, model_);
    check_invariants(tables_.rows);
}

void History::replay() {
    MemoryTables tables;
    tables.rows.first_pending = tables_.rows.first_pending;
    const std::size_t size = 1 + random_.roll(done_.size());
    for (std::size_t at = 0; at < done_.size();) {
        const std::size_t end = std::min(done_.size(), at + size);
        commit::CommitBatch batch(tables, std::span(done_).subspan(at, end - at));
        for (; at < end; ++at) {
            CAPTURE(at);
            CAPTURE(done_[at].index());
            REQUIRE(answer_text(batch.apply(done_[at])) == answers_[at]);
        }
        batch.flush();
    }
    REQUIRE(tables.names.fault == "");
    REQUIRE(without_receipt_revs(tables.rows) == without_receipt_revs(tables_.rows));
}

void History::mark_kinds(std::vector<bool>& kinds) const {
    for (const Mutation& mutation : done_) kinds[mutation.index()] = true;
}

}  // namespace cariosan::test
