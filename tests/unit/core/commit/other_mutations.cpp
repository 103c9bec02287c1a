#include "unit/core/commit/other_mutations.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace cariosan::test {
namespace {

Uuid worker(std::size_t number) { return id_of<EventId>(900'000 + number).uuid; }

template <class Rows>
auto any_of(RandomMutations& random, const Rows& rows) {
    return std::next(rows.begin(), static_cast<std::ptrdiff_t>(random.roll(rows.size())));
}

void require_error(const Result<Committed>& answer, ErrorCode code) {
    REQUIRE_FALSE(answer.ok());
    REQUIRE(answer.error().code == code);
}

/// Moves a mutation to another workspace. False if it names no workspace, or could succeed there.
bool move_to(Mutation& mutation, WorkspaceId workspace) {
    if (std::holds_alternative<mutation::CreateChannel>(mutation)) return false;
    if (std::holds_alternative<mutation::MoveDelivered>(mutation)) return false;  // it leaves out what is not there
    return std::visit(
        [&](auto& one) {
            if constexpr (requires { one.workspace = workspace; }) {
                one.workspace = workspace;
                return true;
            } else {
                return false;
            }
        },
        mutation);
}

bool has_no_room(const MemoryRows& rows, RowId webhook) {
    const auto pending = std::ranges::count_if(rows.deliveries.rows, [webhook](const auto& entry) {
        return entry.second.webhook == webhook && entry.second.status == DeliveryStatus::pending;
    });
    return rows.first_pending + pending >= kWebhookMaxPending;
}

/// What the newest request under a key has made.
std::optional<MemoryWebhookSecret> made_under(const MemoryRows& rows, const std::string& key) {
    std::optional<MemoryWebhookSecret> found;
    for (const auto& [row, secret] : rows.webhook_secrets.rows) {
        if (secret.key && secret.key->text == key) found = secret;
    }
    return found;
}

/// The right answer to a repeat: no webhook and no secret is made.
auto repeats(const MemoryRows& rows, const MemoryWebhookSecret& made, const Digest& hash) {
    const bool gone = std::ranges::any_of(
        rows.webhooks.rows, [&](const auto& entry) { return entry.second.uuid == made.webhook && entry.second.deleted; });
    return [made, gone, same = made.key->hash == hash, before = rows.webhook_secrets](const Result<Committed>& answer, const MemoryRows& after) {
        REQUIRE(after.webhook_secrets == before);
        if (!same) return require_error(answer, ErrorCode::conflict);
        if (gone) return require_error(answer, ErrorCode::not_found);
        REQUIRE((answer.ok() && !answer->changed && answer->duplicate));
        REQUIRE(std::get<WebhookCredentials>(answer->object).id == made.webhook);
        REQUIRE(std::get<WebhookCredentials>(answer->object).signing_secret == made.text);
    };
}

}  // namespace

Trial OtherMutations::workspace(const MemoryRows& rows) {
    switch (random_.roll(4)) {
        case 0: {
            const bool live = rows.workspaces.rows.size() < 3;
            mutation::CreateWorkspace create = make_.workspace_mutation();
            if (!live) break;
            return {create, [](const auto& answer, const auto&) { REQUIRE((answer.ok() && answer->created)); }};
        }
        case 1: {
            // Workspaces from the third on are created and deleted.
            const StoredWorkspace last = rows.workspaces.rows.rbegin()->second;
            const bool there = rows.workspaces.rows.size() > 2 && !last.deleted;
            const WorkspaceId id = there ? last.uuid : id_of<WorkspaceId>(555555);
            return {mutation::DeleteWorkspace{.workspace = id, .at = make_.tick()}, [there](const auto& answer, const auto&) {
                        REQUIRE(answer.ok() == there);
                    }};
        }
        case 2: {
            const auto secrets = [id = make_.workspace](const MemoryRows& all) {
                return std::ranges::count_if(all.secrets, [&](const StoredApiSecret& secret) {
                    return all.workspaces.at(secret.workspace).uuid == id;
                });
            };
            mutation::RotateSecret rotate{.workspace = make_.workspace, .api_key = "key", .max_secrets = 3, .at = make_.tick()};
            rotate.old_expire_at = {rotate.at.milliseconds + 10'000};
            return {rotate, [before = secrets(rows), secrets](const auto& answer, const MemoryRows& after) {
                        REQUIRE(answer.ok());
                        REQUIRE(secrets(after) == std::min<std::ptrdiff_t>(before + 1, 3));
                    }};
        }
        default: break;
    }
    const StoredWorkspace before = rows.workspaces.at(1);
    mutation::UpdateWorkspace update{.workspace = make_.workspace, .name = "Shop " + std::to_string(random_.roll(3))};
    if (random_.roll(2) == 0) {
        update.edit_window_seconds.emplace();
        if (random_.roll(4) != 0) *update.edit_window_seconds = static_cast<std::int64_t>(random_.roll(3));
    }
    if (random_.roll(2) == 0) update.moderation.emplace().auto_mute_seconds = 600 + static_cast<std::int64_t>(random_.roll(2));
    return {update, [this, update, before](const auto& answer, const MemoryRows& after) {
                REQUIRE(answer.ok());
                model_.edit_window_seconds = update.edit_window_seconds.value_or(before.edit_window_seconds);
                REQUIRE(after.workspaces.at(1).edit_window_seconds == model_.edit_window_seconds);
                const bool window_changes = model_.edit_window_seconds != before.edit_window_seconds;
                const std::int64_t seconds = before.moderation.value_or(ModerationSettings{}).auto_mute_seconds;
                const bool moderates = update.moderation && update.moderation->auto_mute_seconds != seconds;
                REQUIRE(answer->changed == (before.name != *update.name || moderates || window_changes));
                REQUIRE(after.workspaces.at(1).name == *update.name);
                REQUIRE(after.workspaces.at(1).moderation_rev == before.moderation_rev + (moderates ? 1 : 0));
            }};
}

/// After the deletion of a user is complete, only their messages are left; with `erase`, not even moderation's
/// excerpts of them.
void OtherMutations::check_finished(const MemoryRows& after, RowId row, const StoredUser& before) {
    if (before.deletion == commit::UnfinishedDeletion::nothing) return;
    model_.erased.erase(before.uuid);
    const auto of_user = [row](const auto& entry) { return entry.first.first == row; };
    REQUIRE(std::ranges::none_of(after.silences, of_user));
    REQUIRE(std::ranges::none_of(after.blocks, of_user));
    for (const StoredMatch& match : after.matches) {
        if (match.user == row) REQUIRE(match.excerpt.empty() == before.being_erased());
    }
}

Trial OtherMutations::finish_deletion(const MemoryRows& rows) {
    auto chosen = any_of(random_, rows.users.rows);
    const auto unfinished = std::ranges::find_if(rows.users.rows, [](const auto& entry) {
        return entry.second.deletion != commit::UnfinishedDeletion::nothing;
    });
    if (unfinished != rows.users.rows.end() && random_.roll(8) != 0) chosen = unfinished;
    const auto& [id, before] = *chosen;
    return {mutation::FinishDeletion{.workspace = make_.workspace, .user = before.uuid},
            [this, row = id, before = before](const auto& answer, const MemoryRows& after) {
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == (before.deletion != commit::UnfinishedDeletion::nothing));
                if (after.users.at(row).deletion == commit::UnfinishedDeletion::nothing) check_finished(after, row, before);
            }};
}

Trial OtherMutations::user(const MemoryRows& rows) {
    const auto& [id, before] = *any_of(random_, rows.users.rows);
    const bool living = !before.deleted_at;
    const std::string name = "name" + std::to_string(random_.roll(3));
    switch (random_.roll(5)) {
        case 0: {
            mutation::UpsertUser upsert = make_.upserting(living ? before.external_id : "user of " + std::to_string(random_.roll(3)));
            upsert.name = name;
            const bool known = std::ranges::any_of(rows.users.rows, [&](const auto& entry) {
                return !entry.second.deleted_at && entry.second.external_id == upsert.external_id;
            });
            return {upsert, [this, known, upsert](const auto& answer, const auto&) {
                        REQUIRE(answer.ok());
                        REQUIRE(answer->created == !known);
                        if (!known) model_.users.insert(upsert.new_id);
                    }};
        }
        case 1: {
            const UserId user = before.uuid;
            const Timestamp at{1'700'000'000'000 + static_cast<std::int64_t>(random_.roll(1000))};
            const Timestamp seen = std::max(before.last_seen_at.value_or(at), at);
            return {mutation::RecordLastSeen{{{user, at}, {id_of<UserId>(555555), at}}},
                    [row = id, seen](const auto& answer, const MemoryRows& after) {
                        REQUIRE((answer.ok() && answer->changed));
                        REQUIRE(after.users.at(row).last_seen_at == seen);
                    }};
        }
        case 2: return finish_deletion(rows);
        case 3: return forget_files(rows);
        default: break;
    }
    mutation::UpdateUser update{.workspace = make_.workspace, .user = before.uuid, .name = name, .at = make_.tick()};
    return {update, [living, differs = before.name != name](const auto& answer, const auto&) {
                if (!living) return require_error(answer, ErrorCode::not_found);
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == differs);
            }};
}

Trial OtherMutations::forget_files(const MemoryRows& rows) {
    mutation::ForgetErasedFiles forget{{555555}};
    for (const auto& [row, url] : rows.erased_files.rows) forget.rows.push_back(row);
    return {forget, [](const auto& answer, const MemoryRows& after) {
                REQUIRE((answer.ok() && answer->changed));
                REQUIRE(after.erased_files.rows.empty());
            }};
}

Trial OtherMutations::webhook(const MemoryRows& rows) {
    if (rows.webhooks.rows.empty() || random_.roll(4) == 0) {
        const auto there = std::ranges::count_if(rows.webhooks.rows, [](const auto& entry) { return !entry.second.deleted; });
        mutation::CreateWebhook create = make_.webhook(WebhookEvents::of_bits(static_cast<std::uint32_t>(random_.roll(1U << 16U))));
        create.max_webhooks = 3;
        if (random_.roll(2) == 0) {
            create.key = any_request_key();
            const auto known = made_under(rows, create.key->text);
            if (known) return {create, repeats(rows, *known, create.key->hash)};
        }
        return {create, [there](const auto& answer, const auto&) {
                    if (there >= 3) return require_error(answer, ErrorCode::validation_error);
                    REQUIRE((answer.ok() && answer->created));
                }};
    }
    const auto& [id, before] = *any_of(random_, rows.webhooks.rows);
    const bool there = !before.deleted;
    switch (random_.roll(6)) {
        case 0:
            return {mutation::DeleteWebhook{.workspace = make_.workspace, .webhook = before.uuid},
                    [there](const auto& answer, const auto&) { REQUIRE(answer.ok() == there); }};
        case 1: return secret(rows, before);
        case 2:
            return {mutation::PingWebhook{.workspace = make_.workspace, .webhook = before.uuid, .at = make_.tick()},
                    [there, enabled = before.enabled, full = has_no_room(rows, id)](const auto& answer, const auto&) {
                        if (!there) return require_error(answer, ErrorCode::not_found);
                        if (!enabled || full) return require_error(answer, ErrorCode::conflict);
                        REQUIRE((answer.ok() && answer->created && answer->outbox));
                    }};
        default: break;
    }
    mutation::UpdateWebhook update{.workspace = make_.workspace, .webhook = before.uuid, .at = make_.tick()};
    update.enabled = random_.roll(3) != 0;
    return {update, [there, row = id, differs = before.enabled != *update.enabled, on = *update.enabled](
                        const auto& answer, const MemoryRows& after) {
                if (!there) return require_error(answer, ErrorCode::not_found);
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == differs);
                REQUIRE(after.webhooks.at(row).enabled == on);
            }};
}

mutation::RequestKey OtherMutations::any_request_key() {
    mutation::RequestKey key{.text = "request" + std::to_string(random_.roll(3))};
    key.hash.fill(static_cast<std::uint8_t>(random_.roll(2)));
    return key;
}

Trial OtherMutations::secret(const MemoryRows& rows, const StoredWebhook& before) {
    mutation::RotateWebhookSecret rotate{
        .workspace = make_.workspace, .webhook = before.uuid, .secret = "whsec_" + std::to_string(random_.roll(1000)), .at = make_.tick()};
    if (random_.roll(2) == 0) rotate.key = any_request_key();
    if (before.deleted) return {rotate, [](const auto& answer, const auto&) { require_error(answer, ErrorCode::not_found); }};
    const auto known = rotate.key ? made_under(rows, rotate.key->text) : std::nullopt;
    if (known) return {rotate, repeats(rows, *known, rotate.key->hash)};
    const auto signing = std::ranges::count_if(rows.webhook_secrets.rows, [&](const auto& entry) { return entry.second.webhook == before.uuid; });
    return {rotate, [rotate, full = signing >= kWebhookMaxSecrets](const auto& answer, const MemoryRows& after) {
                if (full) return require_error(answer, ErrorCode::conflict);
                REQUIRE(answer.ok());
                REQUIRE(std::get<WebhookCredentials>(answer->object).signing_secret == rotate.secret);
                const auto in_force = std::ranges::count_if(after.webhook_secrets.rows, [&](const auto& entry) {
                    return entry.second.webhook == rotate.webhook && !entry.second.expires_at;
                });
                REQUIRE(in_force == 1);
            }};
}

Trial OtherMutations::delivery(const MemoryRows& rows) {
    if (rows.deliveries.rows.empty() || random_.roll(3) == 0) {
        mutation::LeaseWebhooks lease{.owner = worker(random_.roll(2)), .now = make_.tick(), .limit = 2};
        lease.until = {lease.now.milliseconds + 500};
        return {lease, [lease](const auto& answer, const MemoryRows& after) {
                    REQUIRE(answer.ok());
                    const auto& leased = std::get<LeasedWebhooks>(answer->object).webhooks;
                    REQUIRE(leased.size() <= 2);
                    REQUIRE(answer->changed == !leased.empty());
                    for (const LeasedWebhook& each : leased) {
                        const bool held = std::ranges::any_of(after.webhooks.rows, [&](const auto& entry) {
                            return entry.second.uuid == each.id && entry.second.enabled && !entry.second.deleted &&
                                   entry.second.lease_owner == lease.owner && entry.second.leased_until == lease.until;
                        });
                        REQUIRE(held);
                    }
                }};
    }
    const auto& [id, before] = *any_of(random_, rows.deliveries.rows);
    const StoredWebhook webhook = rows.webhooks.at(before.webhook);
    const bool pending = before.status == DeliveryStatus::pending;
    if (random_.roll(3) == 0) {
        return {mutation::RetryDelivery{.workspace = make_.workspace, .webhook = webhook.uuid, .event = before.event_id, .at = make_.tick()},
                [row = id, webhook, full = !pending && has_no_room(rows, before.webhook)](const auto& answer, const MemoryRows& after) {
                    if (webhook.deleted) return require_error(answer, ErrorCode::not_found);
                    if (!webhook.enabled || full) return require_error(answer, ErrorCode::conflict);
                    REQUIRE(answer.ok());
                    REQUIRE(after.deliveries.at(row).status == DeliveryStatus::pending);
                }};
    }
    using Outcome = DeliveryResult::Outcome;
    mutation::FinishDeliveries finish{.webhook = webhook.uuid, .owner = worker(random_.roll(2))};
    const Timestamp at = make_.tick();
    const auto outcome = random_.roll(30) == 0 ? Outcome::disable : static_cast<Outcome>(random_.roll(3));
    finish.results.push_back({.row = id, .outcome = outcome, .next_attempt_at = Timestamp{at.milliseconds + 100}, .at = at});
    return {finish, [row = id, before = before, webhook, pending, outcome](const auto& answer, const MemoryRows& after) {
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == !webhook.deleted);
                const StoredDelivery& stored = after.deliveries.at(row);
                if (webhook.deleted || !pending) {
                    REQUIRE(stored == before);
                    return;
                }
                REQUIRE(stored.attempts == before.attempts + 1);
                REQUIRE((stored.status == DeliveryStatus::pending) == (outcome == Outcome::retry));
                REQUIRE((stored.status == DeliveryStatus::delivered) == (outcome == Outcome::delivered));
                const StoredWebhook& now = after.webhooks.at(before.webhook);
                REQUIRE(now.failed_attempts == (outcome == Outcome::delivered ? 0 : webhook.failed_attempts + 1));
                if (outcome == Outcome::disable) REQUIRE_FALSE(now.enabled);
            }};
}

Trial OtherMutations::device() {
    const UserId user = random_.any_user();
    const std::string token = "token" + std::to_string(random_.roll(4));
    const bool living = model_.users.contains(user);
    const auto owner = owners_.find(token);
    const bool own = owner != owners_.end() && owner->second == user;
    if (random_.roll(3) == 0) {
        return {make_.unregistering(user, token), [this, living, own, token](const auto& answer, const auto&) {
                    if (!living) return require_error(answer, ErrorCode::not_found);
                    REQUIRE(answer.ok());
                    REQUIRE(answer->changed == own);
                    if (own) owners_.erase(token);
                }};
    }
    mutation::RegisterDevice request = make_.registering(user, token);
    request.max_devices = 2;
    return {request, [this, living, own, token, user](const auto& answer, const MemoryRows& after) {
                if (!living) return require_error(answer, ErrorCode::not_found);
                REQUIRE(answer.ok());
                REQUIRE(answer->created == !own);
                owners_.clear();
                std::map<UserId, int> devices;
                for (const auto& [id, stored] : after.devices.rows) {
                    owners_[stored.token] = after.users.at(stored.user).uuid;
                    REQUIRE(++devices[owners_[stored.token]] <= 2);
                }
                REQUIRE(owners_.at(token) == user);
            }};
}

Trial OtherMutations::push(const MemoryRows& rows) {
    const std::size_t jobs = rows.push_jobs.rows.size();
    if (jobs == 0 || random_.roll(2) == 0) {
        mutation::LeasePushJobs lease{.owner = worker(random_.roll(2)), .now = make_.tick(), .limit = 2};
        lease.until = {lease.now.milliseconds + 500};
        return {lease, [jobs, lease](const auto& answer, const MemoryRows& after) {
                    REQUIRE(answer.ok());
                    const auto& leased = std::get<LeasedPushJobs>(answer->object).jobs;
                    REQUIRE(leased.size() <= std::min<std::size_t>(jobs, 2));
                    for (const PushJob& job : leased) REQUIRE(after.push_jobs.at(job.row).owner == lease.owner);
                }};
    }
    const auto& [id, before] = *any_of(random_, rows.push_jobs.rows);
    mutation::FinishPushPart finish{.row = id, .owner = worker(random_.roll(2))};
    const bool leased = before.owner == finish.owner;
    const bool goes_on = random_.roll(2) == 0;
    if (goes_on) finish.next = random_.any_user();
    const bool retries = random_.roll(3) == 0;
    if (retries) finish.retry.push_back(DeviceRow{1});
    finish.retry_at = make_.tick();
    const std::size_t left = leased ? jobs + (retries ? 1 : 0) - (goes_on ? 0 : 1) : jobs;
    return {finish, [leased, left](const auto& answer, const MemoryRows& after) {
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == leased);
                REQUIRE(after.push_jobs.rows.size() == left);
            }};
}

/// Of users; a report of a message is checked as a reaction is.
Trial OtherMutations::report(const MemoryRows& rows) {
    const auto& [reporter_row, reporter] = *any_of(random_, rows.users.rows);
    const auto& [user_row, user] = *any_of(random_, rows.users.rows);
    if (random_.roll(3) == 0 && !rows.reports.rows.empty()) {
        const auto& [row, before] = *any_of(random_, rows.reports.rows);
        mutation::UpdateReport update{.workspace = make_.workspace, .id = before.id, .at = make_.tick()};
        update.status = random_.roll(2) == 0 ? ReportStatus::resolved : ReportStatus::dismissed;
        return {update, [update, row = row, differs = before.status != *update.status](const auto& answer, const MemoryRows& after) {
                    REQUIRE(answer.ok());
                    REQUIRE(answer->changed == differs);
                    REQUIRE(after.reports.at(row).status == *update.status);
                }};
    }
    const mutation::FileReport file{.workspace = make_.workspace,
                                    .id = id_of<ReportId>(1'000'000 + static_cast<std::size_t>(rows.reports.last)),
                                    .reporter = reporter.uuid,
                                    .user = user.uuid,
                                    .reason = "spam",
                                    .at = make_.tick()};
    const bool there = !reporter.deleted_at && !user.deleted_at;
    const bool known = std::ranges::any_of(rows.reports.rows, [&, row = reporter_row](const auto& entry) {
        return entry.second.reporter == row && entry.second.thing == file.user.uuid;
    });
    return {file, [there, known](const auto& answer, const auto&) {
                if (!there) return require_error(answer, ErrorCode::not_found);
                REQUIRE(answer.ok());
                REQUIRE(answer->changed == !known);
            }};
}

Trial OtherMutations::stranger() {
    Mutation mutation = random_.any();
    if (!move_to(mutation, other_workspace)) mutation = mutation::DeleteWorkspace{.workspace = id_of<WorkspaceId>(555555), .at = {}};
    return {mutation, [](const auto& answer, const auto&) { require_error(answer, ErrorCode::not_found); }};
}

Trial OtherMutations::any(const MemoryRows& rows) {
    switch (random_.roll(9)) {
        case 0: return workspace(rows);
        case 7: return report(rows);
        case 1: return user(rows);
        case 2: return webhook(rows);
        case 3:
        case 4: return delivery(rows);
        case 5: return device();
        case 6: return push(rows);
        default: return stranger();
    }
}

}  // namespace cariosan::test
