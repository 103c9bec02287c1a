// Which rows a mutation may read or change, by the names that it gives them. Whoever makes a rule read something new has to
// name it here: the random histories fail at a read that was not named.
#include <cariosan/commit_footprint.hpp>

#include <algorithm>

namespace cariosan::commit {
namespace {

/// One overload for each mutation; forgetting one does not compile.
class FootprintMaker {
  public:
    explicit FootprintMaker(Footprint& out) : out_(out) {}

    // It names no row that is there.
    void add(const mutation::CreateWorkspace&) {}
    void add(const mutation::UpdateWorkspace& update) { change(out_.workspaces, update.workspace); }
    void add(const mutation::DeleteWorkspace& remove) { change(out_.workspaces, remove.workspace); }
    void add(const mutation::RotateSecret& rotate) { change(out_.workspaces, rotate.workspace); }

    void add(const mutation::UpsertUser& upsert) {
        read(out_.workspaces, upsert.workspace);
        out_.user_names.push_back({upsert.workspace, upsert.external_id});
        if (const auto as_id = UserId::parse(upsert.external_id)) read(out_.users, *as_id);
    }
    void add(const mutation::UpdateUser& update) { change_user(update.workspace, update.user); }
    void add(const mutation::DeleteUser& remove) { change_user(remove.workspace, remove.user); }
    void add(const mutation::SuspendUser& suspend) { change_user(suspend.workspace, suspend.user); }
    void add(const mutation::RestoreUser& restore) { change_user(restore.workspace, restore.user); }
    void add(const mutation::FinishDeletion& finish) { change_user(finish.workspace, finish.user); }
    void add(const mutation::RecordLastSeen& record) {
        for (const LastSeen& seen : record.users) change(out_.users, seen.user);
    }

    void add(const mutation::ForgetErasedFiles&) {}

    void add(const mutation::CreateChannel& create) {
        read(out_.workspaces, create.workspace);
        for (const UserId& user : create.members) change(out_.users, user);
        if (create.type == ChannelType::direct && create.members.size() == 2) {
            out_.pairs.emplace_back(std::minmax(create.members[0], create.members[1]));
        }
        if (!create.external_id) return;
        out_.channel_names.push_back({create.workspace, *create.external_id});
        if (const auto as_id = ChannelId::parse(*create.external_id)) read(out_.channels, *as_id);
    }
    void add(const mutation::UpdateChannel& update) {
        change_channel(update.workspace, update.channel);
        add_actor(update.channel, update.actor);
    }
    void add(const mutation::DeleteChannel& remove) { change_channel(remove.workspace, remove.channel); }
    void add(const mutation::AddMembers& add) {
        change_channel(add.workspace, add.channel);
        add_actor(add.channel, add.actor);
        for (const UserId& user : add.users) {
            out_.members.push_back({add.channel, user});
            change(out_.users, user);
        }
    }
    void add(const mutation::UpdateMember& update) {
        change_channel(update.workspace, update.channel);
        add_actor(update.channel, update.actor);
        out_.members.push_back({update.channel, update.user});
    }
    void add(const mutation::RemoveMember& remove) {
        change_channel(remove.workspace, remove.channel);
        add_actor(remove.channel, remove.actor);
        out_.members.push_back({remove.channel, remove.user});
        change(out_.users, remove.user);
    }
    void add(const mutation::SetPreferences& set) {
        change_channel(set.workspace, set.channel);
        out_.members.push_back({set.channel, set.user});
        change(out_.users, set.user);
    }
    /// Reading may end a mark, which the user's `preferences_rev` counts.
    void add(const mutation::MoveReceipt& move) {
        change_channel(move.workspace, move.channel);
        out_.members.push_back({move.channel, move.user});
        if (move.kind == ReceiptKind::read) change(out_.users, move.user);
    }
    void add(const mutation::MoveDelivered& move) {
        read(out_.workspaces, move.workspace);
        for (const auto& place : move.places) {
            change(out_.channels, place.channel);
            out_.members.push_back({place.channel, move.user});
        }
    }

    void add(const mutation::SendMessage& send) {
        change_channel(send.workspace, send.channel);
        out_.members.push_back({send.channel, send.author});
        for (const Mention& mention : send.mentions) out_.members.push_back({send.channel, mention.user_id});
        if (send.idempotency_key) out_.keys.push_back({send.channel, send.author, *send.idempotency_key});
        if (send.idempotency_key && send.imported) out_.keys.push_back({send.channel, std::nullopt, *send.idempotency_key});
        if (send.parent) {
            view(*send.parent, send.author);
        } else if (send.parent_key) {
            out_.keys.push_back({send.channel, std::nullopt, *send.parent_key});
        }
        if (send.as_user) add_silences(send.author, send.channel);
        out_.push_pending = out_.push_pending || send.push;
    }
    void add(const mutation::EditMessage& edit) {
        change_message(edit, edit.actor);
        add_silences(edit.actor, edit.channel);
        if (!edit.mentions) return;
        for (const auto& mention : *edit.mentions) out_.members.push_back({edit.channel, mention.user});
    }
    void add(const mutation::DeleteMessage& remove) { change_message(remove, remove.actor); }
    void add(const mutation::AddReaction& add) { change_message(add, add.user); }
    void add(const mutation::RemoveReaction& remove) { change_message(remove, remove.user); }
    void add(const mutation::PinMessage& pin) { change_message(pin, pin.actor); }
    /// The reporter is changed, so that one who reports the same twice at once meets itself.
    void add(const mutation::FileReport& report) {
        change_user(report.workspace, report.reporter);
        read(out_.users, report.user);
        if (!report.channel || !report.message) return;
        change_channel(report.workspace, *report.channel);
        add_actor(*report.channel, report.reporter);
        change(out_.messages, *report.message);
        view(*report.message, report.reporter);
    }
    /// The workspace is changed, since no list names reports.
    void add(const mutation::UpdateReport& update) { change(out_.workspaces, update.workspace); }
    void add(const mutation::RecordModeration& record) {
        std::visit([this](const auto& refused) { add(refused); }, record.refused);
        if (!record.silence_until) return;
        const auto* send = std::get_if<mutation::SendMessage>(&record.refused);
        const UserId author = send != nullptr ? send->author : std::get<mutation::EditMessage>(record.refused).actor;
        change(out_.users, author);
        out_.silences.push_back({author, std::nullopt});
    }

    void add(const mutation::SilenceUser& silence) { change_silence(silence); }
    void add(const mutation::UnsilenceUser& silence) { change_silence(silence); }
    void add(const mutation::BlockUser& block) { change_block(block); }
    void add(const mutation::UnblockUser& block) { change_block(block); }

    // The workspace is changed: its webhooks are counted.
    void add(const mutation::CreateWebhook& create) {
        change(out_.workspaces, create.workspace);
        add_request_key(create);
    }
    void add(const mutation::RotateWebhookSecret& rotate) {
        change_webhook(rotate.workspace, rotate.webhook);
        add_request_key(rotate);
    }
    void add(const mutation::UpdateWebhook& update) { change_webhook(update.workspace, update.webhook); }
    void add(const mutation::DeleteWebhook& remove) { change_webhook(remove.workspace, remove.webhook); }
    void add(const mutation::PingWebhook& ping) { change_webhook(ping.workspace, ping.webhook); }
    void add(const mutation::RetryDelivery& retry) {
        change_webhook(retry.workspace, retry.webhook);
        out_.deliveries.push_back({retry.webhook, retry.event});
    }
    // What is due is found by a query.
    void add(const mutation::LeaseWebhooks&) {}
    void add(const mutation::FinishDeliveries& finish) {
        change(out_.webhooks, finish.webhook);
        for (const DeliveryResult& result : finish.results) out_.delivery_rows.push_back(result.row);
    }

    void add(const mutation::RegisterDevice& request) { change_device(request); }
    void add(const mutation::RemoveDevice& request) { change_device(request); }
    void add(const mutation::LeasePushJobs&) {}
    void add(const mutation::FinishPushPart& finish) { out_.push_jobs.push_back(finish.row); }

  private:
    template <class Key>
    static void read(std::vector<Footprint::Row<Key>>& rows, const Key& key) {
        rows.push_back({key, false});
    }
    template <class Key>
    static void change(std::vector<Footprint::Row<Key>>& rows, const Key& key) {
        rows.push_back({key, true});
    }
    void change_user(WorkspaceId workspace, UserId user) {
        read(out_.workspaces, workspace);
        change(out_.users, user);
    }
    void change_channel(WorkspaceId workspace, ChannelId channel) {
        read(out_.workspaces, workspace);
        change(out_.channels, channel);
    }
    void add_actor(ChannelId channel, const std::optional<UserId>& actor) {
        if (actor) out_.members.push_back({channel, *actor});
    }
    void view(MessageId message, UserId viewer) {
        read(out_.messages, message);
        out_.views.push_back({message, viewer});
    }
    template <class M>
    void change_message(const M& mutation, const std::optional<UserId>& actor) {
        change_channel(mutation.workspace, mutation.channel);
        add_actor(mutation.channel, actor);
        change(out_.messages, mutation.message);
        if (actor) view(mutation.message, *actor);
    }
    void add_silences(UserId user, ChannelId channel) {
        out_.silences.push_back({user, std::nullopt});
        out_.silences.push_back({user, channel});
    }
    template <class M>
    void change_silence(const M& silence) {
        change_user(silence.workspace, silence.user);
        if (silence.channel) read(out_.channels, *silence.channel);
        out_.silences.push_back({silence.user, silence.channel});
    }
    template <class M>
    void change_block(const M& block) {
        change_user(block.workspace, block.user);
        read(out_.users, block.blocked);
        out_.blocks.push_back({block.user, block.blocked});
    }
    void change_webhook(WorkspaceId workspace, WebhookId webhook) {
        read(out_.workspaces, workspace);
        change(out_.webhooks, webhook);
    }
    template <class M>
    void add_request_key(const M& request) {
        if (request.key) out_.webhook_keys.push_back({request.workspace, request.key->text});
    }
    template <class M>
    void change_device(const M& request) {
        change_user(request.workspace, request.user);
        out_.device_tokens.push_back({request.workspace, request.token});
    }

    Footprint& out_;
};

template <class Entry>
void sort_names(std::vector<Entry>& entries) {
    std::ranges::sort(entries);
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
}

/// A row that is read by one mutation and changed by another is changed.
template <class Key>
void sort_names(std::vector<Footprint::Row<Key>>& rows) {
    using Row = Footprint::Row<Key>;
    std::ranges::sort(rows, [](const Row& one, const Row& other) {
        return one.key != other.key ? one.key < other.key : one.changes > other.changes;
    });
    const auto same = [](const Row& one, const Row& other) { return one.key == other.key; };
    rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
}

}  // namespace

Footprint footprint_of(std::span<const Mutation> batch) {
    Footprint out;
    FootprintMaker maker(out);
    for (const Mutation& mutation : batch) {
        std::visit([&maker](const auto& one) { maker.add(one); }, mutation);
    }
    sort_names(out.workspaces);
    sort_names(out.user_names);
    sort_names(out.users);
    sort_names(out.channel_names);
    sort_names(out.pairs);
    sort_names(out.channels);
    sort_names(out.members);
    sort_names(out.keys);
    sort_names(out.messages);
    sort_names(out.views);
    sort_names(out.silences);
    sort_names(out.blocks);
    sort_names(out.webhooks);
    sort_names(out.webhook_keys);
    sort_names(out.deliveries);
    sort_names(out.delivery_rows);
    sort_names(out.device_tokens);
    sort_names(out.push_jobs);
    return out;
}

}  // namespace cariosan::commit
