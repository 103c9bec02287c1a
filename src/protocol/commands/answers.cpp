#include "protocol/commands/answers.hpp"

#include <fmt/format.h>

#include "engine/engine_impl.hpp"
#include "protocol/json/json_webhooks.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// `{"<name>":[…],"has_more":…,"next_cursor":…}`
template <class T, class F>
void write_page(ObjectWriter& object, std::string_view name, const Page<T>& page, F&& item) {
    write_array(object.key(name), page.items, item);
    object.boolean("has_more", page.has_more());
    if (page.has_more()) {
        object.string("next_cursor", page.next_cursor);
    } else {
        object.null("next_cursor");
    }
}

template <class T>
void write_revisions(ObjectWriter& object, const T& list) {
    object.integer("rev", list.rev);
    object.integer("receipt_rev", list.receipt_rev);
    object.string("epoch", list.epoch);
}

class AnswerWriter {
  public:
    AnswerWriter(std::string& out, const AnswerView& view) : out_(out), view_(view) {}

    void operator()(const Done&) {}
    void operator()(const WorkspaceCredentials& credentials) { append_credentials(out_, credentials); }
    void operator()(const Workspace& workspace) { append_workspace(out_, workspace); }
    void operator()(const WorkspaceSettings& settings) { append_settings(out_, settings); }
    void operator()(const WorkspaceFigures& figures) { append_figures(out_, figures); }
    void operator()(const Page<Workspace>& page) { write_list("workspaces", page, append_workspace); }
    void operator()(const User& user) { append_user_to_backend(out_, user); }
    void operator()(const Page<User>& page) { write_list("users", page, append_user_to_backend); }
    void operator()(const Channel& channel) {
        write_answer<Channel>([&](ObjectWriter& object) { write_channel(object, channel); });
    }
    void operator()(const Page<Channel>& page) { write_list("channels", page, append_channel); }
    void operator()(const Message& message) { append_message(out_, message, view_.viewer.of(message)); }
    void operator()(const MemberList& list) {
        write_object(out_, [&](ObjectWriter& object) {
            write_page(object, "members", list.page, append_member);
            write_revisions(object, list);
        });
    }
    void operator()(const MembersChanged& changed) {
        write_object(out_, [&](ObjectWriter& object) {
            write_array(object.key("members"), changed.members, append_member);
            object.integer("rev", changed.rev);
        });
    }
    void operator()(const MessagePage& page) {
        write_object(out_, [&](ObjectWriter& object) {
            write_array(object.key("messages"), page.messages, [&](std::string& out, const Message& message) {
                append_message(out, message, view_.viewer.of(message));
            });
            object.boolean("has_more", page.has_more);
            write_message_cursor(object, page);
            write_revisions(object, page);
        });
    }
    void operator()(const Me& me) {
        write_object(out_, [&](ObjectWriter& object) {
            write_user(object, me.user);
            object.integer("unread_total", me.unread_total);
            object.integer("preferences_rev", me.preferences_rev);
            append_client_settings(object.key("settings"), me.settings);
        });
    }
    void operator()(const Page<MyChannel>& page) {
        write_list("channels", page, [&](std::string& out, const MyChannel& item) {
            write_object(out, [&](ObjectWriter& each) { write_my_channel(each, item, view_.viewer); });
        });
    }
    void operator()(const PreferencesPage& page) {
        write_object(out_, [&](ObjectWriter& object) {
            write_array(object.key("preferences"), page.channels, [](std::string& out, const ChannelPreferences& each) {
                write_object(out, [&](ObjectWriter& one) {
                    write_channel_preferences(one, each.channel_id, each.preferences);
                });
            });
            object.integer("preferences_rev", page.preferences_rev);
            object.boolean("has_more", page.has_more);
        });
    }
    void operator()(const SearchResults& results) {
        write_object(out_, [&](ObjectWriter& object) {
            write_page(object, "results", results, [&](std::string& out, const SearchHit& hit) { append_hit(out, hit); });
            if (results.partial) object.boolean("partial", true);
        });
    }
    void operator()(const BlockMade& made) {
        write_object(out_, [&](ObjectWriter& object) {
            write_block(object, made.block);
            object.integer("blocks_rev", made.blocks_rev);
        });
    }
    void operator()(const BlockList& list) {
        write_object(out_, [&](ObjectWriter& object) {
            write_page(object, "blocks", list.page, append_block);
            object.integer("blocks_rev", list.blocks_rev);
        });
    }
    void operator()(const Device& device) { append_device(out_, device); }
    void operator()(const Page<Device>& page) { write_list("devices", page, append_device); }
    void operator()(const Page<MessageReaction>& page) { write_list("reactions", page, append_message_reaction); }
    void operator()(const PresignedUpload& upload) { append_presigned_upload(out_, upload); }
    void operator()(const Silence& silence) { append_silence(out_, silence); }
    void operator()(const Page<Silence>& page) { write_list("mutes", page, append_silence); }
    void operator()(const Page<ModerationRecord>& page) { write_list("actions", page, append_moderation_record); }
    void operator()(const TextVerdict& verdict) { append_verdict(out_, verdict); }
    void operator()(const Report& report) { append_report(out_, report); }
    void operator()(const Page<Report>& page) { write_list("reports", page, append_report); }
    void operator()(const WebhookCredentials& webhook) { append_webhook_credentials(out_, webhook); }
    void operator()(const Webhook& webhook) { append_webhook(out_, webhook); }
    void operator()(const Page<Webhook>& page) { write_list("webhooks", page, append_webhook); }
    void operator()(const Delivery& delivery) { append_delivery(out_, delivery); }
    void operator()(const Page<Delivery>& page) { write_list("deliveries", page, append_delivery); }
    void operator()(const Page<UserPresence>& page) { write_list("presence", page, append_presence); }
    void operator()(const Page<UserRecord>& page) { write_list("records", page, append_user_record); }
    void operator()(const MyChannel& item) {
        write_answer<MyChannel>([&](ObjectWriter& object) { write_my_channel(object, item, view_.viewer); });
    }
    void operator()(const ReceiptState& state) {
        write_object(out_, [&](ObjectWriter& object) { write_receipt_state(object, state); });
    }
    void operator()(const ChannelReceipts& receipts) {
        write_object(out_, [&](ObjectWriter& object) {
            write_array(object.key("receipts"), receipts.channels, [](std::string& item, const ChannelReceipt& one) {
                write_object(item, [&](ObjectWriter& each) {
                    each.id("channel_id", one.channel_id);
                    write_receipt_state(each, one.state);
                });
            });
        });
    }
    void operator()(const ReceiptList& list) {
        write_object(out_, [&](ObjectWriter& object) {
            write_page(object, "receipts", list.page, append_receipt);
            write_revisions(object, list);
        });
    }
    void operator()(const Changes& changes) {
        write_object(out_, [&](ObjectWriter& object) { write_changes(object, changes, view_.viewer); });
    }
    void operator()(const Synced& synced) {
        write_object(out_, [&](ObjectWriter& object) {
            write_array(object.key("pages"), synced.pages, [&](std::string& out, const SyncPage& page) {
                write_object(out, [&](ObjectWriter& each) { write_sync_page(each, page); });
            });
            if (synced.next.empty()) {
                object.null("next");
            } else {
                object.string("next", synced.next);
            }
            object.string("epoch", synced.epoch);
            object.integer("unread_total", synced.unread_total);
            object.integer("blocks_rev", synced.blocks_rev);
            object.integer("preferences_rev", synced.preferences_rev);
        });
    }

  private:
    void write_sync_page(ObjectWriter& object, const SyncPage& page) {
        if (const auto* changes = std::get_if<Changes>(&page)) return write_changes(object, *changes, view_.viewer);
        if (const auto* item = std::get_if<MyChannel>(&page)) return write_summary(object, *item, view_.viewer);
        write_left(object, std::get<ChannelLeft>(page).channel_id);
    }
    template <class T, class F>
    void write_list(std::string_view name, const Page<T>& page, F&& item) {
        write_answer<Page<T>>([&](ObjectWriter& object) { write_page(object, name, page, item); });
    }
    /// An object with these members, and the epoch if an answer of type `T` needs it.
    template <class T, class F>
    void write_answer(F&& members) {
        write_object(out_, [&](ObjectWriter& object) {
            members(object);
            if constexpr (kNeedsEpoch<T>) object.string("epoch", view_.epoch);
        });
    }
    void append_hit(std::string& out, const SearchHit& hit) {
        write_object(out, [&](ObjectWriter& object) {
            append_message(object.key("message"), hit.message, view_.viewer.of(hit.message));
            object.id("channel_id", hit.message.channel_id);
            object.string("snippet", hit.snippet);
            write_array(object.key("highlights"), hit.highlights, append_span);
            object.integer("score", hit.score);
        });
    }
    /// Pages are newest first: the next older page follows the last message, the next newer one the first.
    void write_message_cursor(ObjectWriter& object, const MessagePage& page) {
        const std::string_view side = view_.towards_newer ? "after:" : "before:";
        const auto go_on = [&](std::int64_t seq) { object.string("next_cursor", fmt::format("{}{}", side, seq)); };
        if (page.cut_at) return go_on(*page.cut_at);
        if (!page.has_more || page.messages.empty()) return object.null("next_cursor");
        go_on((view_.towards_newer ? page.messages.front() : page.messages.back()).seq);
    }

    std::string& out_;
    const AnswerView& view_;
};

bool needs_epoch(const Command& command) {
    return std::visit([]<class C>(const C&) { return kNeedsEpoch<typename C::Answer>; }, command);
}

}  // namespace

AnswerView AnswerView::of(const Caller& caller, const Command& command, const engine::EngineImpl& engine) {
    const auto* list = std::get_if<ListMessages>(&command);
    return {.viewer = Viewer(caller),
            .towards_newer = list != nullptr && list->after.has_value(),
            .epoch = needs_epoch(command) ? engine.epoch() : std::string()};
}

int answer_status(const CommandRow& row, const Outcome& outcome) noexcept {
    switch (row.answer.status) {
        case Answering::Status::ok: return 200;
        case Answering::Status::created_or_ok: return outcome.created ? 201 : 200;
        case Answering::Status::no_content: return 204;
    }
    return 200;
}

std::string answer_text(const Answer& answer, const AnswerView& view) {
    std::string out;
    std::visit(AnswerWriter(out, view), answer);
    return out;
}

std::string record_lines(const Page<UserRecord>& page) {
    std::string out;
    for (const UserRecord& record : page.items) {
        append_user_record(out, record);
        out += '\n';
    }
    return out;
}

std::string ack_data(const CommandRow& row, const Outcome& outcome, const AnswerView& view) {
    if (row.ack != Ack::durable) return answer_text(outcome.answer, view);
    std::string out;
    write_object(out, [&](ObjectWriter& data) {
        data.integer("rev", outcome.rev);
        if (const auto* message = std::get_if<Message>(&outcome.answer)) {
            append_message(data.key("message"), *message, view.viewer.of(*message));
        }
        if (outcome.duplicate) data.boolean("duplicate", true);
    });
    return out;
}

}  // namespace cariosan::protocol
