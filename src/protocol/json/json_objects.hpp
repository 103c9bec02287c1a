/// The objects of section 4 of the protocol as JSON text.
#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/types.hpp>
#include <string>

namespace cariosan::protocol {

/// How a message is written for its reader.
struct MessageView {
    bool own = false;         ///< for the author: only the author sees the idempotency key
    bool personal = false;    ///< for one user: includes that user's `reacted_by_me`
    bool hide_quote = false;  ///< for a user who has blocked the author of the quoted message
};

/// Who gets an answer: the user a command ran as, or a trusted caller, which is the author of nothing.
class Viewer {
  public:
    Viewer() = default;
    explicit Viewer(const Caller& caller);
    MessageView of(const Message& message) const;

  private:
    std::optional<UserId> id_;
    std::string external_id_;
};

void append_figures(std::string& out, const WorkspaceFigures& figures);
void append_workspace(std::string& out, const Workspace& workspace);
/// The workspace with all its settings.
void append_settings(std::string& out, const WorkspaceSettings& settings);
void append_credentials(std::string& out, const WorkspaceCredentials& credentials);
void append_client_settings(std::string& out, const ClientSettings& settings);
void append_user(std::string& out, const User& user);
/// With the suspension.
void append_user_to_backend(std::string& out, const User& user);
void append_user_summary(std::string& out, const UserSummary& user);
void append_channel(std::string& out, const Channel& channel);
void append_member(std::string& out, const Member& member);
/// `[start,length]`
void append_span(std::string& out, const TextSpan& span);
void append_mention(std::string& out, const Mention& mention);
void append_message(std::string& out, const Message& message, MessageView view);
void append_reactions(std::string& out, const std::vector<Reaction>& reactions, bool personal);
void append_message_reaction(std::string& out, const MessageReaction& reaction);
void append_receipt(std::string& out, const Receipt& receipt);
void append_silence(std::string& out, const Silence& silence);
void append_moderation_record(std::string& out, const ModerationRecord& record);
void append_device(std::string& out, const Device& device);
void append_block(std::string& out, const Block& block);
void append_verdict(std::string& out, const TextVerdict& verdict);
void append_report(std::string& out, const Report& report);
void append_presigned_upload(std::string& out, const PresignedUpload& upload);
void append_presence(std::string& out, const UserPresence& presence);

/// One line of an export; the member `kind` says what it is.
void append_user_record(std::string& out, const UserRecord& record);

// These write an object's members without the braces, so that the caller can add others.
class ObjectWriter;
void write_user(ObjectWriter& object, const User& user);
void write_channel(ObjectWriter& object, const Channel& channel);
/// An item of the user's own channel list.
void write_preferences(ObjectWriter& object, const Preferences& preferences);
/// The same, with the channel's id.
void write_channel_preferences(ObjectWriter& object, ChannelId channel, const Preferences& preferences);
void write_my_channel(ObjectWriter& object, const MyChannel& item, const Viewer& viewer);
// The pages of a `sync` besides `write_changes`.
void write_summary(ObjectWriter& object, const MyChannel& item, const Viewer& viewer);
void write_left(ObjectWriter& object, ChannelId channel);
/// The answer to `changes`, which is also the body of a `channel.sync` frame. `with_counts`: with the unread counts, which the
/// frame has only if the client asked for them.
void write_changes(ObjectWriter& object, const Changes& changes, const Viewer& viewer,
                   bool with_counts = true);
/// The answer to `read` and `delivered`.
void write_receipt_state(ObjectWriter& object, const ReceiptState& state);
void write_block(ObjectWriter& object, const Block& block);

}  // namespace cariosan::protocol
